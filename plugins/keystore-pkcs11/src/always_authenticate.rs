//! Signing with a key that wants the PIN for each signature (`CKA_ALWAYS_AUTHENTICATE`).
//!
//! The PIN is to be given *between* `C_SignInit` and `C_Sign`. `cryptoki` makes both calls
//! in one function, or else signs in parts, which tokens refuse for the mechanisms used
//! here. So `C_Sign` is called here, through the same author's bindings. This is the one
//! place with code that the compiler does not check.
#![allow(unsafe_code)]

use cryptoki::context::Function;
use cryptoki::error::{Error, Result, Rv};
use cryptoki::session::Session;
use cryptoki_sys::{CK_C_Sign, CK_FUNCTION_LIST, CK_ULONG, Pkcs11};
use std::path::Path;

/// Longer than any signature made here: RSA of 16384 bits has 2048 bytes.
const LONGEST: usize = 4096;

/// Ends the signature that was begun in a session of the module at `path`, which is
/// loaded and stays so.
pub(crate) fn finish(path: &Path, session: &Session, data: &[u8]) -> Result<Vec<u8>> {
    let sign = sign_function(path)?.ok_or(Error::NullFunctionPointer)?;
    let mut signature = vec![0; LONGEST];
    let mut len = LONGEST as CK_ULONG;
    // SAFETY: the function is the module's own C_Sign, and the module is loaded for as
    // long as the process lives. Both buffers live through the call and have the lengths
    // that are told. C_Sign only reads its data, although it asks for a pointer that can
    // be written through (PKCS#11 2.40, section 5.11).
    let value = unsafe {
        sign(
            session.handle(),
            data.as_ptr().cast_mut(),
            data.len() as CK_ULONG,
            signature.as_mut_ptr(),
            &raw mut len,
        )
    };
    Rv::from(value).into_result(Function::Sign)?;
    signature.truncate(usize::try_from(len)?);
    Ok(signature)
}

/// The module's `C_Sign`, from its own list of functions.
fn sign_function(path: &Path) -> Result<CK_C_Sign> {
    // SAFETY: the library is loaded already, so none of its code runs now.
    let module = unsafe { Pkcs11::new(path) }.map_err(Error::LibraryLoading)?;
    let get = module.C_GetFunctionList.as_ref();
    let get = get.map_err(|_| Error::MissingSymbol("C_GetFunctionList"))?;
    let mut list: *mut CK_FUNCTION_LIST = std::ptr::null_mut();
    // SAFETY: called as PKCS#11 says (2.40, section 5.4), with room for one pointer.
    let value = unsafe { get(&raw mut list) };
    Rv::from(value).into_result(Function::GetFunctionList)?;
    // SAFETY: the module's list, which it keeps for as long as it is loaded; null is told.
    let list = unsafe { list.as_ref() }.ok_or(Error::NullFunctionPointer)?;
    Ok(list.C_Sign)
}
