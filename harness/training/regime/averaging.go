package regime

// Regimes that minimise the cross-entropy and differ in the network or in the loop.
var (
	dropout = Regime{ID: "dropout", Label: "dropout", Source: "Srivastava et al. 2014; rate 0.5", Dropout: 0.5,
		Objective: vanilla.Objective}
	mcDropout = Regime{ID: "mc-dropout", Label: "MC dropout", Source: "Gal and Ghahramani 2016, equation 6; rate 0.5, 30 passes", Dropout: 0.5,
		Stochastic: true, Objective: vanilla.Objective, Base: "dropout"}
	ensemble = Regime{ID: "ensemble", Label: "deep ensemble", Source: "Lakshminarayanan et al. 2017, section 2.4: the mean probability of 5 networks", Ensemble: 5,
		Objective: vanilla.Objective}
	teacher = Regime{ID: "teacher", Label: "teacher of distillation", Source: "the mean logits of 5 networks with dropout 0.5, 40 epochs", Ensemble: 5, Dropout: 0.5, Epochs: 40,
		Teaches: true, Objective: vanilla.Objective}
	averaging = Regime{ID: "weight-averaging", Label: "weight averaging", Source: "Polyak and Juditsky 1992, exponential: m = 0.995",
		Average: averageRate, Objective: vanilla.Objective}
	earlyStopping = Regime{ID: "early-stopping", Label: "early stopping", Source: "the checkpoint of least validation loss", Select: true,
		Objective: vanilla.Objective}
)

// averageRate is m of the average of weights, and of the teacher of ADR (Wu, Wang and Chen 2024, appendix).
const averageRate = 0.995
