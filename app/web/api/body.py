"""The JSON body of a request, read by a model; everything that is wrong with it is named."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from flask import request
from pydantic import BaseModel, ValidationError

from app.record.batch import batch_error
from app.web.api.questions import status_of
from app.web.problems import refuse

_Body = TypeVar("_Body", bound=BaseModel)


def read_body(model: type[_Body], context: Mapping[str, Any] | None = None) -> _Body:
    """The JSON body of the request. Answers 415 or 400, with all that is wrong, for any other; see `status_of`.
    context: what the model is validated in.
    """
    if request.mimetype != "application/json":
        refuse(415, f"Content-Type is {request.mimetype or 'missing'!r}; send application/json")
    try:
        return model.model_validate_json(request.get_data(cache=False), context=context)
    except ValidationError as error:
        found = batch_error(error)
        status = status_of(one["type"] for one in error.errors(include_url=False))
        refuse(
            status, str(found), [{"pointer": p.pointer, "detail": p.detail, "value": p.value} for p in found.problems]
        )
