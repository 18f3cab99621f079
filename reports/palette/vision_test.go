package palette

import (
	"image/color"
	"math"
	"testing"
)

// vision maps linear RGB to what an eye sees: the published matrices for full
// dichromacy of Machado, Oliveira and Fernandes 2009, row by row.
type vision struct {
	name   string
	matrix [9]float64
}

var visions = []vision{
	{"normal", [9]float64{1, 0, 0, 0, 1, 0, 0, 0, 1}},
	{"protan", [9]float64{0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998}},
	{"deutan", [9]float64{0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940, 0.968881}},
	{"tritan", [9]float64{1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.303900}},
}

// linear is a colour in linear sRGB, 0 to 1.
func linear(c color.NRGBA) [3]float64 {
	one := func(b uint8) float64 {
		if v := float64(b) / 255; v <= 0.04045 {
			return v / 12.92
		} else {
			return math.Pow((v+0.055)/1.055, 2.4)
		}
	}
	return [3]float64{one(c.R), one(c.G), one(c.B)}
}

// sees is the colour as the eye sees it, in CIELAB under D65.
func (v vision) sees(c color.NRGBA) lab {
	l := linear(c)
	var s [3]float64
	for i := range s {
		s[i] = v.matrix[3*i]*l[0] + v.matrix[3*i+1]*l[1] + v.matrix[3*i+2]*l[2]
		s[i] = min(1, max(0, s[i]))
	}
	root := func(t float64) float64 {
		if t > 216.0/24389 {
			return math.Cbrt(t)
		}
		return (24389.0/27*t + 16) / 116
	}
	x := root((0.4124564*s[0] + 0.3575761*s[1] + 0.1804375*s[2]) / 0.95047)
	y := root(0.2126729*s[0] + 0.7151522*s[1] + 0.0721750*s[2])
	z := root((0.0193339*s[0] + 0.1191920*s[1] + 0.9503041*s[2]) / 1.08883)
	return lab{116*y - 16, 500 * (x - y), 200 * (y - z)}
}

type lab struct{ l, a, b float64 }

// contrast is the contrast ratio of WCAG 2.
func contrast(p, q color.NRGBA) float64 {
	luminance := func(c color.NRGBA) float64 {
		l := linear(c)
		return 0.2126*l[0] + 0.7152*l[1] + 0.0722*l[2]
	}
	a, b := luminance(p), luminance(q)
	return (max(a, b) + 0.05) / (min(a, b) + 0.05)
}

// apart is the distance CIEDE2000 with unit weights, after Sharma, Wu and Dalal 2005.
func apart(p, q lab) float64 {
	const degree = math.Pi / 180
	seventh := func(c float64) float64 { return math.Sqrt(math.Pow(c, 7) / (math.Pow(c, 7) + math.Pow(25, 7))) }
	stretch := 1 + 0.5*(1-seventh((math.Hypot(p.a, p.b)+math.Hypot(q.a, q.b))/2))
	p.a, q.a = p.a*stretch, q.a*stretch
	c1, c2 := math.Hypot(p.a, p.b), math.Hypot(q.a, q.b)
	hue := func(v lab) float64 {
		return math.Mod(math.Atan2(v.b, v.a)/degree+360, 360)
	}
	h1, h2 := hue(p), hue(q)
	turn, middle := h2-h1, h1+h2
	switch {
	case c1*c2 == 0:
		turn = 0
	case math.Abs(h1-h2) <= 180:
		middle /= 2
	default:
		turn -= math.Copysign(360, turn)
		if middle < 360 {
			middle += 360
		} else {
			middle -= 360
		}
		middle /= 2
	}
	dl, dc, dh := q.l-p.l, c2-c1, 2*math.Sqrt(c1*c2)*math.Sin(turn/2*degree)
	l, c := (p.l+q.l)/2, (c1+c2)/2
	cos := func(v float64) float64 { return math.Cos(v * degree) }
	t := 1 - 0.17*cos(middle-30) + 0.24*cos(2*middle) + 0.32*cos(3*middle+6) - 0.20*cos(4*middle-63)
	dl /= 1 + 0.015*(l-50)*(l-50)/math.Sqrt(20+(l-50)*(l-50))
	dc /= 1 + 0.045*c
	dh /= 1 + 0.015*c*t
	around := (middle - 275) / 25
	rotation := -2 * seventh(c) * math.Sin(60*degree*math.Exp(-around*around))
	return math.Sqrt(dl*dl + dc*dc + dh*dh + rotation*dc*dh)
}

// TestApart compares the distance with published pairs (Sharma, Wu and Dalal 2005, table 1).
func TestApart(t *testing.T) {
	for _, c := range []struct {
		p, q lab
		want float64
	}{
		{lab{50, 2.6772, -79.7751}, lab{50, 0, -82.7485}, 2.0425},
		{lab{50, 2.4900, -0.0010}, lab{50, -2.4900, 0.0009}, 7.1792},
		{lab{50, 2.4900, -0.0010}, lab{50, -2.4900, 0.0011}, 7.2195},
		{lab{50, 2.5, 0}, lab{73, 25, -18}, 27.1492},
		{lab{50, 2.5, 0}, lab{58, 24, 15}, 19.4535},
		{lab{60.2574, -34.0099, 36.2677}, lab{60.4626, -34.1751, 39.4387}, 1.2644},
		{lab{22.7233, 20.0904, -46.6940}, lab{23.0331, 14.9730, -42.5619}, 2.0373},
		{lab{2.0776, 0.0795, -1.1350}, lab{0.9033, -0.0636, -0.5514}, 0.9082},
	} {
		if got := apart(c.p, c.q); math.Abs(got-c.want) > 5e-5 {
			t.Errorf("distance of %v and %v = %.4f, want %.4f", c.p, c.q, got, c.want)
		}
		if got := apart(c.q, c.p); math.Abs(got-c.want) > 5e-5 {
			t.Errorf("distance of %v and %v = %.4f, want %.4f", c.q, c.p, got, c.want)
		}
	}
}

// TestLabOfKnownColours compares the conversion with known values of sRGB.
func TestLabOfKnownColours(t *testing.T) {
	for v, want := range map[uint32]lab{
		0xFFFFFF: {100, 0, 0}, 0x000000: {0, 0, 0}, 0xFF0000: {53.24, 80.09, 67.20}, 0x0000FF: {32.30, 79.19, -107.86},
	} {
		got := visions[0].sees(rgb(v))
		if math.Abs(got.l-want.l) > 0.05 || math.Abs(got.a-want.a) > 0.05 || math.Abs(got.b-want.b) > 0.05 {
			t.Errorf("CIELAB of %06X = %.2f, want %.2f", v, got, want)
		}
	}
}
