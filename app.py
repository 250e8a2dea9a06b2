"""Composition only: which function runs which handler, nothing else."""

from __future__ import annotations

from chalice.app import Chalice

app = Chalice(app_name="govcredit")


@app.lambda_function(name="api")
def api(event: object, context: object) -> object:
    return None


@app.lambda_function(name="public")
def public(event: object, context: object) -> object:
    return None


@app.lambda_function(name="stream")
def stream(event: object, context: object) -> object:
    return None


@app.lambda_function(name="intake")
def intake(event: object, context: object) -> object:
    return None


@app.lambda_function(name="disclosure")
def disclosure(event: object, context: object) -> object:
    return None


@app.lambda_function(name="evaluation")
def evaluation(event: object, context: object) -> object:
    return None


@app.lambda_function(name="evaluation_schedule")
def evaluation_schedule(event: object, context: object) -> object:
    return None


@app.lambda_function(name="sweep")
def sweep(event: object, context: object) -> object:
    return None


@app.lambda_function(name="setup")
def setup(event: object, context: object) -> object:
    return None
