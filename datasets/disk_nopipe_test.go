//go:build !unix

package datasets

import "errors"

func makePipe(string) error { return errors.ErrUnsupported }
