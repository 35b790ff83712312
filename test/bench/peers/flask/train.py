"""Writes a scikit-learn SVC of the Iris data: train.py iris.csv model.pkl"""
import csv
import pickle
import sys

from sklearn.svm import SVC

data_file, model_file = sys.argv[1:]
with open(data_file, newline='') as file:
    rows = list(csv.reader(file))[1:]
model = SVC().fit([[float(number) for number in row[:4]] for row in rows], [row[4] for row in rows])
with open(model_file, 'wb') as file:
    pickle.dump(model, file)
