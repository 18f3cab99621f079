-- Predictions in a database, a row a sample and model; a Parquet file a model.
COPY (
  SELECT model, id AS sample_id, label, [logit_0, logit_1, logit_2] AS logits, site
  FROM 'answers.csv' -- yours: a table, a view or a file; site is a group
  ORDER BY model, id
) TO 'predictions' (FORMAT parquet, PARTITION_BY (model), OVERWRITE_OR_IGNORE);
