package words

import "fmt"

// Plural counts things whose plural ends in s: "1 model", "3 models".
func Plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
