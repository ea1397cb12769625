//! `BIGNUM`, which OpenSSL has and AWS-LC has inherited: one text for both, over the functions of either.

/// Which function makes the powers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// `BN_mod_exp`, which chooses for itself, and begins anew for each power.
    ModExp,
    /// `BN_mod_exp_mont`, variable time, with what it knows of N kept.
    Mont,
    /// `BN_mod_exp_mont_consttime`, with what it knows of N kept.
    MontConsttime,
}

/// Defines a library over a module `ffi` of C functions, which has to be in scope.
///
/// The struct and its `Number` own what the C functions allocate, free it when they are dropped, and can't leave their
/// thread, since pointers can't.
macro_rules! bignum_library {
    ($library:ident, $title:literal, $ffi:ident) => {
        /// Powers by one of the library's functions, and by another for g if that is faster.
        pub struct $library {
            of_any: Function,
            of_g: Function,
            n: Number,
            g: Number,
            scratch: NonNull<$ffi::BN_CTX>,
            montgomery: NonNull<$ffi::BN_MONT_CTX>,
        }

        /// An integer of the library.
        pub struct Number(NonNull<$ffi::BIGNUM>);

        impl $library {
            /// For an odd modulus and a generator below it.
            pub fn new(n: &BigUint, g: &BigUint, of_any: Function, of_g: Function) -> Self {
                // SAFETY: Both take no argument and give null or a pointer that the caller owns. Drop frees it.
                let (scratch, montgomery) =
                    unsafe { ($ffi::BN_CTX_new(), $ffi::BN_MONT_CTX_new()) };
                let library = Self {
                    of_any,
                    of_g,
                    n: Number::read(&n.to_bytes_be()),
                    g: Number::read(&g.to_bytes_be()),
                    scratch: NonNull::new(scratch).expect(MEMORY),
                    montgomery: NonNull::new(montgomery).expect(MEMORY),
                };
                // SAFETY: The three pointers are valid and owned by `library`; N is odd, as the function demands.
                let done = unsafe {
                    $ffi::BN_MONT_CTX_set(
                        library.montgomery.as_ptr(),
                        library.n.0.as_ptr(),
                        library.scratch.as_ptr(),
                    )
                };
                assert_eq!(done, 1, "the modulus is odd");
                library
            }

            fn power_by(&self, function: Function, base: &Number, exponent: &Number) -> Number {
                let n = self.n.0.as_ptr();
                let montgomery = self.montgomery.as_ptr();
                let (base, exponent) = (base.0.as_ptr(), exponent.0.as_ptr());
                // SAFETY: Every pointer is valid for the call and of the right kind: the result is a number of its own,
                // base, exponent and N are read only, and `montgomery` was set for N.
                self.result(|power, scratch| unsafe {
                    match function {
                        Function::ModExp => $ffi::BN_mod_exp(power, base, exponent, n, scratch),
                        Function::Mont => {
                            $ffi::BN_mod_exp_mont(power, base, exponent, n, scratch, montgomery)
                        }
                        Function::MontConsttime => $ffi::BN_mod_exp_mont_consttime(
                            power, base, exponent, n, scratch, montgomery,
                        ),
                    }
                })
            }

            /// What a function writes into a new number.
            fn result(
                &self,
                function: impl FnOnce(*mut $ffi::BIGNUM, *mut $ffi::BN_CTX) -> c_int,
            ) -> Number {
                let result = Number::zero();
                let done = function(result.0.as_ptr(), self.scratch.as_ptr());
                assert_eq!(done, 1, concat!($title, " refuses to compute"));
                result
            }
        }

        impl Library for $library {
            type Number = Number;

            fn name(&self) -> String {
                if self.of_any == self.of_g {
                    format!("{} {}", $title, self.of_any)
                } else {
                    format!("{} {}, for g {}", $title, self.of_any, self.of_g)
                }
            }

            fn read(&self, octets: &[u8]) -> Number {
                Number::read(octets)
            }

            fn write(&self, number: &Number) -> Vec<u8> {
                number.write()
            }

            fn power(&self, base: &Number, exponent: &Number) -> Number {
                self.power_by(self.of_any, base, exponent)
            }

            fn power_of_g(&self, exponent: &Number) -> Number {
                self.power_by(self.of_g, &self.g, exponent)
            }

            fn product(&self, a: &Number, b: &Number) -> Number {
                let (a, b, n) = (a.0.as_ptr(), b.0.as_ptr(), self.n.0.as_ptr());
                // SAFETY: The pointers are valid for the call, the result is a number of its own, the rest is read only.
                self.result(|r, scratch| unsafe { $ffi::BN_mod_mul(r, a, b, n, scratch) })
            }

            fn sum(&self, a: &Number, b: &Number) -> Number {
                let (a, b, n) = (a.0.as_ptr(), b.0.as_ptr(), self.n.0.as_ptr());
                // SAFETY: As in `product`.
                self.result(|r, scratch| unsafe { $ffi::BN_mod_add(r, a, b, n, scratch) })
            }

            fn difference(&self, a: &Number, b: &Number) -> Number {
                let (a, b, n) = (a.0.as_ptr(), b.0.as_ptr(), self.n.0.as_ptr());
                // SAFETY: As in `product`.
                self.result(|r, scratch| unsafe { $ffi::BN_mod_sub(r, a, b, n, scratch) })
            }

            fn exponent(&self, a: &Number, u: &Number, x: &Number) -> Number {
                let (a, u, x) = (a.0.as_ptr(), u.0.as_ptr(), x.0.as_ptr());
                // SAFETY: As in `product`.
                let product = self.result(|r, scratch| unsafe { $ffi::BN_mul(r, u, x, scratch) });
                // SAFETY: As in `product`.
                self.result(|r, _| unsafe { $ffi::BN_add(r, product.0.as_ptr(), a) })
            }
        }

        impl Number {
            fn zero() -> Self {
                // SAFETY: It takes no argument and gives null or a pointer that the caller owns. Drop frees it.
                Self(NonNull::new(unsafe { $ffi::BN_new() }).expect(MEMORY))
            }

            fn read(octets: &[u8]) -> Self {
                let length = octets.len().try_into().expect("octets of a few numbers");
                // SAFETY: The pointer and the length are a slice's; given null for the number, the function allocates
                // one, which the caller owns.
                let number = unsafe { $ffi::BN_bin2bn(octets.as_ptr(), length, ptr::null_mut()) };
                Self(NonNull::new(number).expect(MEMORY))
            }

            fn write(&self) -> Vec<u8> {
                // SAFETY: The pointer is a valid number, which is read only.
                let bits = unsafe { $ffi::BN_num_bits(self.0.as_ptr()) };
                let octets = usize::try_from(bits)
                    .expect("no length is negative")
                    .div_ceil(8);
                let mut written = vec![0; octets];
                // SAFETY: The function writes as many octets as the number's bits need, and that many are there.
                unsafe { $ffi::BN_bn2bin(self.0.as_ptr(), written.as_mut_ptr()) };
                written
            }
        }

        impl Drop for Number {
            fn drop(&mut self) {
                // SAFETY: The number is owned and freed once.
                unsafe { $ffi::BN_free(self.0.as_ptr()) };
            }
        }

        impl Drop for $library {
            fn drop(&mut self) {
                // SAFETY: Both are owned and freed once.
                unsafe {
                    $ffi::BN_MONT_CTX_free(self.montgomery.as_ptr());
                    $ffi::BN_CTX_free(self.scratch.as_ptr());
                }
            }
        }

        const MEMORY: &str = "there is memory for a number";
    };
}

pub(super) use bignum_library;

impl std::fmt::Display for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::ModExp => "BN_mod_exp",
            Self::Mont => "BN_mod_exp_mont",
            Self::MontConsttime => "BN_mod_exp_mont_consttime",
        })
    }
}
