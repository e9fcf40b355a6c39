"""Prints results of one configuration as a table in Markdown: python3 table.py FILE..."""
import json
import sys

results = []
for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as file:
        result = json.load(file)
    if path.endswith("-tuned.json"):
        result["peer"] += ", tuned"
    results.append(result)
ours = [r for r in results if "config" in r]
base = sum(r["step_seconds"]["median"] for r in ours) / len(ours)
print(f"`{ours[0]['config']}`, batch {ours[0]['batch_size']} x {ours[0]['sequence_length']}, {ours[0]['steps']} steps\n")
print("| what | step, ms: min / median / max | tokens/s | median over Norma's | matrix products, GFLOP/s, before / after |")
print("|---|---|---:|---:|---|")
for r in results:
    s = r["step_seconds"]
    print(
        f"| {r.get('peer', 'Norma')} | {s['min'] * 1e3:.0f} / {s['median'] * 1e3:.0f} / {s['max'] * 1e3:.0f} "
        f"| {r['tokens_per_second']:,.0f} | {s['median'] / base:.2f} "
        f"| {r['peak_gigaflops_before']:.0f} / {r['peak_gigaflops_after']:.0f} |"
    )

rate = max(r["peak_gigaflops_before"] for r in ours)
for r in results:
    if r["peak_gigaflops_before"] < rate / 3:
        print(f"\n{r['peer']}: a slow BLAS, not a fair peer ({r['peak_gigaflops_before']:.0f} GFLOP/s where Norma has {rate:.0f})")
