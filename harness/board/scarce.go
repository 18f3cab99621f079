package board

// Scarce says where errors, or right samples, are too few to prove an order.
type Scarce struct {
	Models []string // those with less than two of a kind: nothing is proven of them
	All    bool     // no order at all could be proven, whatever the values
}
