#!/usr/bin/env python3
"""Reads a run's layernorm.zarr with xarray: prints one dimension of one site over the steps, or draws it.

    python3 docs/read_layernorm.py runs/quickstart --site layer.1.output --dimension 122 --plot dimension.png

Needs xarray and zarr 2 (Debian: python3-xarray python3-zarr), and matplotlib for --plot.
"""

import argparse
import json
import pathlib

import xarray


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=pathlib.Path, help="the folder of a run")
    parser.add_argument("--site", default="embeddings", help="embeddings, layer.N.attention.output, layer.N.output, head")
    parser.add_argument("--dimension", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="print steps, weights and biases as JSON")
    parser.add_argument("--plot", type=pathlib.Path, help="write a picture")
    arguments = parser.parse_args()

    recording = xarray.open_zarr(arguments.run / "layernorm.zarr")
    one = recording.sel(site=arguments.site).isel(hidden=arguments.dimension)
    if arguments.json:
        print(json.dumps({name: one[name].values.tolist() for name in ("step", "weight", "bias")}))
    else:
        print(recording)
        print(one.to_dataframe()[["weight", "bias"]].iloc[:: max(1, one.sizes["step"] // 20)])
    if arguments.plot:
        import matplotlib

        matplotlib.use("Agg")
        import matplotlib.pyplot as plt

        figure, axes = plt.subplots(2, 1, sharex=True, figsize=(9, 6))
        for axis, name in zip(axes, ("weight", "bias")):
            others = recording[name].sel(site=arguments.site)
            axis.plot(recording.step, others, color="0.8", linewidth=0.5)
            axis.plot(one.step, one[name], color="C3", label=f"dimension {arguments.dimension}")
            axis.set_ylabel(f"LayerNorm {name}")
            axis.legend(loc="upper right")
        axes[1].set_xlabel("step")
        axes[0].set_title(f"{arguments.run.name}: {arguments.site}")
        figure.savefig(arguments.plot, dpi=120)


if __name__ == "__main__":
    main()
