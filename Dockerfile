# syntax=docker/dockerfile:1
#
# Norma in a container, for the CPU or for NVIDIA GPUs:
#
#   docker build --target cpu -t norma .
#   docker run --rm -v "$PWD/runs:/home/norma/runs" norma pretrain /norma/configs/quickstart.yaml
#
#   docker build --target gpu -t norma:gpu .
#   docker run --rm --gpus all -v "$PWD/runs:/home/norma/runs" -v norma-djl:/cache norma:gpu doctor --gpu
#
# Runs are written to /home/norma/runs by user 10001, who needs write permission there (chown 10001 runs, or --user "$(id -u)"). The
# GPU image fetches libtorch for CUDA (about 3 GB) into /cache on first use; the host needs NVIDIA's driver and container toolkit.

FROM maven:3.9-eclipse-temurin-17 AS source
WORKDIR /norma
# The launcher builds with this repository, so that the paths of its class path are those of the image.
ENV MAVEN_ARGS="-Dmaven.repo.local=/opt/m2"
COPY . .

FROM source AS cpu-build
# The version is asked for to make the launcher build; of the repository only what its two class paths name is kept.
RUN ./norma --version && \
    cat target/launcher/cpu/classpath target/launcher/cpu/classpath-spark | tr ':' '\n' | sort > /tmp/kept && \
    find /opt/m2 -type f | sort | comm -23 - /tmp/kept | xargs -d '\n' rm -f && \
    rm -rf ./*/target ./*/src/test

FROM source AS gpu-build
RUN NORMA_PROFILE=gpu ./norma --version && \
    cat target/launcher/gpu/classpath target/launcher/gpu/classpath-spark | tr ':' '\n' | sort > /tmp/kept && \
    find /opt/m2 -type f | sort | comm -23 - /tmp/kept | xargs -d '\n' rm -f && \
    rm -rf ./*/target ./*/src/test

FROM eclipse-temurin:17-jre-noble AS runtime
# Figures need fonts. The versions are those of the base image's release.
# hadolint ignore=DL3008
RUN apt-get update && \
    apt-get install -y --no-install-recommends fontconfig fonts-dejavu-core && \
    rm -rf /var/lib/apt/lists/* && \
    useradd --uid 10001 --create-home norma && \
    mkdir -p /home/norma/runs /cache && \
    chown -R norma:norma /home/norma/runs /cache && \
    chmod 1777 /home/norma /home/norma/runs /cache
ENV LANG=C.UTF-8 DJL_CACHE_DIR=/cache
WORKDIR /home/norma
USER norma
ENTRYPOINT ["/norma/norma"]
CMD ["--help"]

FROM runtime AS gpu
COPY --from=gpu-build /opt/m2 /opt/m2
COPY --from=gpu-build /norma /norma
ENV NORMA_PROFILE=gpu NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility
RUN ["/norma/norma", "--version"]

# The last stage is what a build without --target makes.
FROM runtime AS cpu
COPY --from=cpu-build /opt/m2 /opt/m2
COPY --from=cpu-build /norma /norma
# Fails where the launcher would have to build again, which it cannot do as this user.
RUN ["/norma/norma", "--version"]
