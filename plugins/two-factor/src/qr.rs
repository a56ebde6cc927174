//! QR codes.

use auth_core::Failure;
use qrcode::{Color, EcLevel, QrCode, render::svg};

/// Light modules around the code, as the standard asks.
const QUIET: usize = 4;
/// Pixels of a module.
const SCALE: usize = 6;

pub(crate) fn encode(text: &str) -> Result<QrCode, Failure> {
    // Only a name or an address far beyond what apps show is too long.
    QrCode::with_error_correction_level(text, EcLevel::M)
        .map_err(|_| Failure::bad_request("VALIDATION_ERROR", "[body.issuer] Too big: no QR code holds it"))
}

pub(crate) fn svg(code: &QrCode) -> String {
    let size = u32::try_from((code.width() + 2 * QUIET) * SCALE).unwrap_or(u32::MAX);
    code.render::<svg::Color<'_>>().min_dimensions(size, size).build()
}

/// One byte a pixel would be eight times as large: this is one bit.
pub(crate) fn png(code: &QrCode) -> Result<Vec<u8>, Failure> {
    let modules = code.width() + 2 * QUIET;
    let size = modules * SCALE;
    let colors = code.to_colors();
    let is_light = |x: usize, y: usize| {
        let inside = |at: usize| (at / SCALE).checked_sub(QUIET).filter(|at| *at < code.width());
        let dark = inside(x).zip(inside(y)).and_then(|(x, y)| colors.get(y * code.width() + x));
        dark != Some(&Color::Dark)
    };
    let row = |y: usize| {
        (0..size.div_ceil(8)).map(move |byte| {
            (0..8).fold(0_u8, |bits, bit| (bits << 1) | u8::from(is_light(byte * 8 + bit, y)))
        })
    };
    let pixels: Vec<u8> = (0..size).flat_map(row).collect();
    let side = u32::try_from(size).map_err(Failure::internal)?;
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    let mut writer = encoder.write_header().map_err(Failure::internal)?;
    writer.write_image_data(&pixels).map_err(Failure::internal)?;
    writer.finish().map_err(Failure::internal)?;
    Ok(file)
}
