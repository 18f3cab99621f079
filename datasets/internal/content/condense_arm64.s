//go:build !noasm

#include "textflag.h"

// func condenseAES(s *lanes, p *byte, stripes int)
//
// Four lanes at a time: V0 to V3 are their first states, V4 to V7 the second. AESE
// adds the key before SubBytes and AESENC of x86 after MixColumns, so the key is zero
// and the word is added by itself.
TEXT ·condenseAES(SB), NOSPLIT, $0-24
	MOVD s+0(FP), R0
	MOVD p+8(FP), R1
	MOVD $4, R2
	VEOR V16.B16, V16.B16, V16.B16

quarter:
	MOVD R1, R3
	MOVD stripes+16(FP), R4
	ADD  $256, R0, R5
	VLD1 (R0), [V0.B16, V1.B16, V2.B16, V3.B16]
	VLD1 (R5), [V4.B16, V5.B16, V6.B16, V7.B16]

stripe:
	VLD1  (R3), [V8.B16, V9.B16, V10.B16, V11.B16]
	AESE  V16.B16, V0.B16
	AESMC V0.B16, V0.B16
	AESE  V16.B16, V1.B16
	AESMC V1.B16, V1.B16
	AESE  V16.B16, V2.B16
	AESMC V2.B16, V2.B16
	AESE  V16.B16, V3.B16
	AESMC V3.B16, V3.B16
	VEOR  V8.B16, V0.B16, V0.B16
	VEOR  V9.B16, V1.B16, V1.B16
	VEOR  V10.B16, V2.B16, V2.B16
	VEOR  V11.B16, V3.B16, V3.B16
	VADD  V8.D2, V4.D2, V4.D2
	VADD  V9.D2, V5.D2, V5.D2
	VADD  V10.D2, V6.D2, V6.D2
	VADD  V11.D2, V7.D2, V7.D2
	ADD   $256, R3
	SUB   $1, R4
	CBNZ  R4, stripe

	VST1 [V0.B16, V1.B16, V2.B16, V3.B16], (R0)
	VST1 [V4.B16, V5.B16, V6.B16, V7.B16], (R5)
	ADD  $64, R0
	ADD  $64, R1
	SUB  $1, R2
	CBNZ R2, quarter
	RET
