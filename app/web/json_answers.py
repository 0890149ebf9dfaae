"""JSON answers, written by orjson: ten times as fast as the standard library's."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Flask, Response
from flask.json.provider import DefaultJSONProvider


class FastAnswers(DefaultJSONProvider):
    """What `jsonify` makes; whatever the fast serializer does not take, such as half a surrogate, goes as ever."""

    def response(self, *args: Any, **kwargs: Any) -> Response:
        """See `flask.json.provider.JSONProvider.response`; keys stand in their own order."""
        value = self._prepare_response_obj(args, kwargs)
        try:
            text = orjson.dumps(value)
        except TypeError:  # `JSONEncodeError`
            return Response(self.dumps(value), mimetype=self.mimetype)
        return Response(text + b"\n", mimetype=self.mimetype)


def register(app: Flask) -> None:
    """Answer so."""
    app.json = FastAnswers(app)
