//! The one line that makes a plugin of a crate.

/// Makes a plugin of this crate, both ways: as a shared library, and as a function `main`
/// for a program. Goes to the root of the crate, once.
///
/// It takes a [`Plugin`](crate::Plugin), which is made when the first request comes.
#[macro_export]
macro_rules! export_plugin {
    ($plugin:expr) => {
        static __SIFSEAL_DESK: ::std::sync::LazyLock<::std::sync::Arc<$crate::Desk>> =
            ::std::sync::LazyLock::new(|| ::std::sync::Arc::new($crate::Desk::new($plugin)));

        fn __sifseal_answer(request: &[u8]) -> ::std::vec::Vec<u8> {
            $crate::answered(|| &__SIFSEAL_DESK, request)
        }

        $crate::__abi::export!(__sifseal_answer);

        /// The plugin as a program: answers on standard output what is asked on standard
        /// input.
        pub fn main() -> ::std::process::ExitCode {
            $crate::run(&__SIFSEAL_DESK)
        }
    };
}

/// The three methods of a [`KeyStore`](crate::traits::KeyStore) with which keys are
/// changed, for a store that lets nobody do so: the protocol has no words for it. Goes
/// into the `impl` of the trait.
#[macro_export]
macro_rules! read_only_key_store {
    () => {
        fn insert(
            &self,
            _: &$crate::Context<'_>,
            _: &$crate::openpgp::Key,
        ) -> $crate::Result<$crate::traits::Insertion> {
            Err($crate::read_only())
        }

        fn replace(&self, _: &$crate::Context<'_>, _: &$crate::openpgp::Key) -> $crate::Result<()> {
            Err($crate::read_only())
        }

        fn remove(
            &self,
            _: &$crate::Context<'_>,
            _: $crate::traits::KeyPart,
            _: &$crate::openpgp::Fingerprint,
        ) -> $crate::Result<()> {
            Err($crate::read_only())
        }
    };
}
