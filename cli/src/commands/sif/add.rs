//! `sif add`: a file becomes an object of an image.

use crate::app::App;
use crate::args::AddArgs;
use crate::ui::standard_input;
use sifseal_core::openpgp::Fingerprint;
use sifseal_core::sif::{DataType, Editor, Extra, Link, NewObject, ObjectId};
use sifseal_core::{Error, ErrorKind, Result};
use std::fs::File;
use std::path::Path;

pub(super) fn run(app: &App<'_>, args: &AddArgs) -> Result<()> {
    let object = new_object(args)?;
    let mut data = match args.object == Path::new("-") {
        true => standard_input()?,
        false => open(&args.object)?,
    };
    let id = Editor::open(&args.image)?
        .add(&object, &mut data, app.now)
        .map_err(|error| error.at(args.image.display()))?;
    if object.group.is_none() && args.datatype != DataType::Signature {
        app.console.talk().warning(&format!(
            "object {id} is in no group: no signature can cover it, and `sifseal verify` will \
             refuse the image (`--groupid` puts an object into a group)"
        ));
    }
    Ok(())
}

fn open(path: &Path) -> Result<File> {
    let file = File::open(path).map_err(|error| Error::io(path, error))?;
    let metadata = file.metadata().map_err(|error| Error::io(path, error))?;
    if metadata.is_dir() {
        return Err(Error::new(ErrorKind::Malformed, "is a directory").at(path.display()));
    }
    Ok(file)
}

fn new_object(args: &AddArgs) -> Result<NewObject> {
    let mut object = NewObject::new(args.datatype);
    object.group = args.groupid.0;
    object.link = ObjectId::new(args.link).map_or(Link::None, Link::Object);
    object.extra = extra(args)?;
    if let Some(alignment) = args.alignment {
        object.alignment = alignment;
    }
    if let Some(name) = &args.filename {
        object.name.clone_from(name);
    }
    Ok(object)
}

fn extra(args: &AddArgs) -> Result<Extra> {
    let missing = |what: &str| Err(Error::new(ErrorKind::Config, what));
    match args.datatype {
        DataType::Partition => match (args.partfs, args.parttype, args.partarch) {
            (Some(fs), Some(kind), Some(arch)) => Ok(Extra::Partition { fs, kind, arch }),
            _ => missing(
                "with partition datatype, --partfs, --parttype and --partarch must be passed",
            ),
        },
        DataType::Signature => match (args.signhash, args.signentity) {
            (_, Some(Fingerprint::V6(_))) => {
                missing("invalid signing entity fingerprint length: got 32, want 20")
            }
            (Some(hash), Some(entity)) => Ok(Extra::Signature {
                hash,
                entity: Some(entity),
            }),
            _ => missing("with signature datatype, --signhash and --signentity must be passed"),
        },
        DataType::Sbom => match args.sbomformat {
            Some(format) => Ok(Extra::Sbom { format }),
            None => missing("with SBOM datatype, --sbomformat must be passed"),
        },
        _ => Ok(Extra::None),
    }
}
