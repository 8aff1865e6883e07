"""`python -m benchmarks [NAME [NUMBER…]…]`: run all benchmarks, or the named ones, with their numbers."""

import importlib
import pkgutil
import sys

import benchmarks
from listener.process import tune

tune()  # as every command is, and before a benchmark loads numpy

names = [name for name in sys.argv[1:] if not name.replace(".", "").isdigit()]
for name in names or [m.name for m in pkgutil.iter_modules(benchmarks.__path__)]:
    if name != "__main__":
        module = importlib.import_module(f"benchmarks.{name}")
        if hasattr(module, "main"):
            print(f"── {name}: {(module.__doc__ or name).splitlines()[0]}", flush=True)
            behind = sys.argv[sys.argv.index(name) + 1 :] if name in sys.argv else []
            ends = [place for place, given in enumerate(behind) if given in names]
            module.main(*map(float, behind[: ends[0] if ends else None]))
