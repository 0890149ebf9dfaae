"""A server of objects that speaks S3's language, in this process, gone with it; skips where moto is not installed."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest


@dataclass
class ObjectServer:
    """Keeps what it holds while it is stopped."""

    server: Any
    port: int
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    @property
    def environment(self) -> dict[str, str]:
        """How clients find it, as they find any other storage that is not Amazon's."""
        return {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
            "AWS_ACCESS_KEY_ID": "who",
            "AWS_SECRET_ACCESS_KEY": "open-sesame",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def new_bucket(self) -> str:
        """Make a bucket; returns its name."""
        import boto3

        name = f"models-{next(self._numbers)}"
        client = boto3.client(
            "s3",
            endpoint_url=f"http://127.0.0.1:{self.port}",
            aws_access_key_id="who",
            aws_secret_access_key="open-sesame",
            region_name="us-east-1",
        )
        client.create_bucket(Bucket=name)
        client.close()
        return name

    def stop(self) -> None:
        """Refuse connections."""
        self.server.stop()

    def start(self) -> None:
        """Take them again, at the same port."""
        from moto.server import ThreadedMotoServer

        self.server = ThreadedMotoServer(ip_address="127.0.0.1", port=self.port, verbose=False)
        self.server.start()
        self.port = self.server.get_host_and_port()[1]


@contextmanager
def object_server() -> Iterator[ObjectServer]:
    """A server for the time of the block."""
    pytest.importorskip("moto.server", reason="moto is not installed: `pip install -r requirements/dev.txt`")
    pytest.importorskip("s3fs", reason="s3fs is not installed: `pip install -r requirements/objects.txt`")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ObjectServer(None, 0)
    server.start()
    try:
        yield server
    finally:
        server.stop()
