# R classifiers, one CSV file a model: the true class, the probability of each.
source("mine.R") # yours: models, a list with names; test, a data frame; truth, a factor

dir.create("predictions", showWarnings = FALSE)
for (name in names(models)) {
  p <- predict(models[[name]], test, type = "prob") # glm: "response"; nnet: "probs"
  if (is.null(dim(p))) p <- cbind(1 - p, p) # glm: the second class only
  colnames(p) <- paste0("prob_", seq_len(ncol(p)) - 1)
  table <- data.frame(label = as.integer(truth) - 1, p) # large: arrow::write_parquet
  write.csv(table, paste0("predictions/", name, ".csv"), row.names = FALSE)
}
