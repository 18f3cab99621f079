# Nearest centroid stands in for packages of R, which are not part of it; glm is.
predict.centroids <- function(object, newdata, type) {
  z <- -sapply(object$means, function(m) colSums((t(as.matrix(newdata)) - m)^2))
  p <- exp(z - apply(z, 1, max))
  p / rowSums(p)
}
predict.second <- function(object, newdata, type) {
  unname(predict(object$glm, newdata, type = "response"))
}
train <- iris[seq(1, 150, 2), ]
test <- iris[seq(2, 150, 2), ]
truth <- test$Species
means <- lapply(split(train[1:2], train$Species), colMeans)
models <- list(near = structure(list(means = means), class = "centroids"))
test <- test[1:2]
if (binary <- identical(commandArgs(TRUE), "binary")) {
  train <- droplevels(train[train$Species != "setosa", ])
  test <- test[truth != "setosa", ]
  truth <- droplevels(truth[truth != "setosa"])
  fit <- glm(Species ~ Sepal.Length + Sepal.Width, binomial, train)
  models <- list(logistic = structure(list(glm = fit), class = "second"))
}
p <- predict(models[[1]], test, "prob")
if (binary) p <- cbind(1 - p, p)
right <- max.col(p, "first") == as.integer(truth)
nll <- -mean(log(pmax(p[cbind(seq_along(truth), as.integer(truth))], 1e-12)))
cat(sprintf('{"%s": {"n": %d, "classes": %d, "accuracy": %.17g, "nll": %.17g}}', names(models),
  length(truth), nlevels(truth), mean(right), nll), file = "expected.json")
