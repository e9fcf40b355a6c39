package norma.monitor.server;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/** How many requests an address may make: so many at once, and then so many a second. Several threads may use it. */
final class RequestRate {
    private static final int MOST_ADDRESSES = 1000;

    private final double atOnce;
    private final double perSecond;
    private final LongSupplier nanoTime;
    private final Map<String, Bucket> buckets = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
            return size() > MOST_ADDRESSES;
        }
    };

    private static final class Bucket {
        private double left;
        private long at;

        Bucket(double left, long at) {
            this.left = left;
            this.at = at;
        }
    }

    RequestRate(int atOnce, int perSecond, LongSupplier nanoTime) {
        this.atOnce = atOnce;
        this.perSecond = perSecond;
        this.nanoTime = nanoTime;
    }

    /** Counts a request; whether it may be answered. */
    synchronized boolean allows(String address) {
        long now = nanoTime.getAsLong();
        Bucket bucket = buckets.computeIfAbsent(address, key -> new Bucket(atOnce, now));
        bucket.left = Math.min(atOnce, bucket.left + (now - bucket.at) * 1e-9 * perSecond);
        bucket.at = now;
        if (bucket.left < 1) {
            return false;
        }
        bucket.left--;
        return true;
    }
}
