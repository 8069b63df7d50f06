//! `sif list`, `sif header`, `sif info`.

use super::object;
use crate::app::App;
use crate::args::{Format, ObjectReportArgs, ReportArgs};
use crate::output::sif::{HeaderJson, InfoJson, ListJson, header_text, info_text, list_text};
use sifseal_core::Result;
use sifseal_core::sif::Image;

pub(super) fn list(app: &App<'_>, args: &ReportArgs) -> Result<()> {
    let image = Image::open(&args.image)?;
    match args.format.format {
        Format::Text => app.output.print(&list_text(&image)),
        Format::Json => app.output.json(&ListJson::new(&image)),
    }
}

pub(super) fn header(app: &App<'_>, args: &ReportArgs) -> Result<()> {
    let image = Image::open(&args.image)?;
    match args.format.format {
        Format::Text => app.output.print(&header_text(image.header())),
        Format::Json => app.output.json(&HeaderJson::new(&image)),
    }
}

pub(super) fn info(app: &App<'_>, args: &ObjectReportArgs) -> Result<()> {
    let image = Image::open(&args.object.image)?;
    let object = object(&image, args.object.id)?;
    match args.format.format {
        Format::Text => app.output.print(&info_text(object)),
        Format::Json => app.output.json(&InfoJson::new(&image, object)),
    }
}
