# A polars frame, a row a sample and model; a Parquet file a model.
import os
from mine import answers  # yours: columns model, id, label, logits (lists), site

os.makedirs("predictions", exist_ok=True)
for rows in answers.partition_by("model"):
    name = rows["model"][0]
    rows.drop("model").write_parquet(f"predictions/{name}.parquet")
