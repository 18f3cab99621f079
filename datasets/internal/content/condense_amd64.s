//go:build !noasm

#include "textflag.h"

// func condenseVAES(s *lanes, b *[block]byte)
//
// Z0 to Z3 are the first states of all lanes, Z4 to Z7 the second.
TEXT ·condenseVAES(SB), NOSPLIT, $0-16
	MOVQ   s+0(FP), AX
	MOVQ   b+8(FP), BX
	MOVQ   $256, CX
	VPXORQ Z0, Z0, Z0
	VPXORQ Z1, Z1, Z1
	VPXORQ Z2, Z2, Z2
	VPXORQ Z3, Z3, Z3
	VPXORQ Z4, Z4, Z4
	VPXORQ Z5, Z5, Z5
	VPXORQ Z6, Z6, Z6
	VPXORQ Z7, Z7, Z7

stripe:
	VMOVDQU64 (BX), Z8
	VMOVDQU64 64(BX), Z9
	VMOVDQU64 128(BX), Z10
	VMOVDQU64 192(BX), Z11
	VAESENC   Z8, Z0, Z0
	VAESENC   Z9, Z1, Z1
	VAESENC   Z10, Z2, Z2
	VAESENC   Z11, Z3, Z3
	VPADDQ    Z8, Z4, Z4
	VPADDQ    Z9, Z5, Z5
	VPADDQ    Z10, Z6, Z6
	VPADDQ    Z11, Z7, Z7
	ADDQ      $256, BX
	DECQ      CX
	JNZ       stripe

	VMOVDQU64 Z0, (AX)
	VMOVDQU64 Z1, 64(AX)
	VMOVDQU64 Z2, 128(AX)
	VMOVDQU64 Z3, 192(AX)
	VMOVDQU64 Z4, 256(AX)
	VMOVDQU64 Z5, 320(AX)
	VMOVDQU64 Z6, 384(AX)
	VMOVDQU64 Z7, 448(AX)
	VZEROUPPER
	RET

// func condenseAES(s *lanes, b *[block]byte)
//
// Four lanes at a time: X0 to X3 are their first states, X4 to X7 the second.
TEXT ·condenseAES(SB), NOSPLIT, $0-16
	MOVQ s+0(FP), AX
	MOVQ b+8(FP), BX
	MOVQ $4, DX

quarter:
	MOVQ BX, SI
	MOVQ $256, CX
	PXOR X0, X0
	PXOR X1, X1
	PXOR X2, X2
	PXOR X3, X3
	PXOR X4, X4
	PXOR X5, X5
	PXOR X6, X6
	PXOR X7, X7

stripe:
	MOVOU  (SI), X8
	MOVOU  16(SI), X9
	MOVOU  32(SI), X10
	MOVOU  48(SI), X11
	AESENC X8, X0
	AESENC X9, X1
	AESENC X10, X2
	AESENC X11, X3
	PADDQ  X8, X4
	PADDQ  X9, X5
	PADDQ  X10, X6
	PADDQ  X11, X7
	ADDQ   $256, SI
	DECQ   CX
	JNZ    stripe

	MOVOU X0, (AX)
	MOVOU X1, 16(AX)
	MOVOU X2, 32(AX)
	MOVOU X3, 48(AX)
	MOVOU X4, 256(AX)
	MOVOU X5, 272(AX)
	MOVOU X6, 288(AX)
	MOVOU X7, 304(AX)
	ADDQ  $64, AX
	ADDQ  $64, BX
	DECQ  DX
	JNZ   quarter
	RET
