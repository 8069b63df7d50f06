//! `sif dump`: the bytes of one object, as they are, to standard output.

use super::object;
use crate::app::App;
use crate::args::ObjectArgs;
use sifseal_core::Result;
use sifseal_core::sif::Image;

/// Read and written at once, in bytes: large enough that system calls cost
/// nothing, small beside any machine's memory.
const CHUNK: usize = 256 << 10;

pub(super) fn run(app: &App<'_>, args: &ObjectArgs) -> Result<()> {
    let image = Image::open(&args.image)?;
    let object = object(&image, args.id)?;
    let mut chunk = vec![0; CHUNK];
    let mut offset = 0;
    while !app.output.is_closed() {
        let read = image.read_at(object, offset, &mut chunk)?;
        let Some(bytes) = chunk.get(..read).filter(|bytes| !bytes.is_empty()) else {
            break;
        };
        app.output.write(bytes)?;
        offset += read as u64;
    }
    Ok(())
}
