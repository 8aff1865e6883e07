"""`listener schema`: the JSON schema of the configuration."""

from __future__ import annotations

import click


@click.command()
def schema() -> None:
    """Print the JSON schema of config.yaml.

    It knows the settings of every type of source that is installed. Editors use it to complete and
    check: put `# yaml-language-server: $schema=FILE` into the first line of config.yaml.
    """
    from listener.cli.console import print_json
    from listener.config.schema import config_schema
    from listener.plugins import load_plugins

    print_json(config_schema(load_plugins().source_settings()))
