//! Keyservers on the network, asked by HKP.

#![forbid(unsafe_code)]
