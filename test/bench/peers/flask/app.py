"""The same contract as most people first write it: Flask before a pickled scikit-learn model.

MODEL_FILE is the pickle; with LOAD_ONCE it is read at the start of a worker instead of for each request.
"""
import os
import pickle
from math import isfinite

from flask import Flask, jsonify, request

app = Flask(__name__)


def load_model():
    with open(os.environ['MODEL_FILE'], 'rb') as file:
        return pickle.load(file)


loaded_once = load_model() if os.environ.get('LOAD_ONCE') else None


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value)


@app.post('/predict')
def predict():
    body = request.get_json()
    dimensions = body.get('iris_dimensions') if isinstance(body, dict) else None
    if not isinstance(dimensions, list) or len(dimensions) != 4 or not all(map(is_number, dimensions)):
        return jsonify(error='iris_dimensions must be four finite numbers'), 400
    model = loaded_once or load_model()
    return jsonify(iris_type=str(model.predict([dimensions])[0]))
