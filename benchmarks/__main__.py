"""`python -m benchmarks [NAME…]`: run all benchmarks, or the named ones."""

import importlib
import pkgutil
import sys

import benchmarks

names = sys.argv[1:] or [m.name for m in pkgutil.iter_modules(benchmarks.__path__)]
for name in names:
    if name != "__main__":
        module = importlib.import_module(f"benchmarks.{name}")
        if hasattr(module, "main"):
            print(f"── {name}: {module.__doc__.splitlines()[0]}", flush=True)
            module.main()
