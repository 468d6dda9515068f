//! Brands.

use super::super::colour::LEAST_CONTRAST;
use super::*;

#[test]
fn a_picture_is_what_its_bytes_say() {
    let webp = b"RIFF\x10\0\0\0WEBPVP8 ";
    for (bytes, kind) in [
        (&b"\x89PNG\r\n\x1a\n..."[..], Some(LogoKind::Png)),
        (webp, Some(LogoKind::Webp)),
        (
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            Some(LogoKind::Svg),
        ),
        (
            b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- a --><!DOCTYPE svg>\n<svg>\n</svg>",
            Some(LogoKind::Svg),
        ),
        (b"<html><svg></svg></html>", None),
        (b"<svgx>", None),
        (b"<?xml", None),
        (b"GIF89a", None),
        (b"\xff\xd8\xff", None),
        (b"RIFF\x10\0\0\0WAVE", None),
        (b"", None),
    ] {
        assert_eq!(LogoKind::of(bytes), kind, "{bytes:?}");
    }
}

#[test]
fn the_grounds_are_those_of_the_style_sheet() {
    for (grounds, scheme) in [(LIGHT_GROUNDS, 0), (DARK_GROUNDS, 1)] {
        let root = STYLE.split(":root {").nth(scheme + 1).unwrap();
        let root = root.split('}').next().unwrap();
        for ground in grounds {
            let short = ground.to_string().replace("#ffffff", "#fff");
            assert!(root.contains(&format!(": {short};")), "{short} in {root}");
        }
    }
}

#[test]
fn one_colour_makes_both_schemes_readable() {
    for written in ["#1f5fbf", "#7a0019", "#00663a", "#000000", "#5b2d90"] {
        let accent = Colour::parse(written).unwrap();
        let dark = accent.readable_on(&DARK_GROUNDS, Colour::WHITE);
        for ground in DARK_GROUNDS {
            assert!(dark.contrast(ground) >= LEAST_CONTRAST, "{written} {dark}");
        }
        let brand = Brand::new(BrandInput {
            accent: Some(accent),
            ..BrandInput::default()
        });
        assert!(brand.style.contains(&format!("--accent: {written};")));
        assert!(brand.style.contains(&format!("--accent: {dark};")));
    }
}

#[test]
fn only_a_page_with_a_picture_may_show_one() {
    let logo = Logo {
        kind: LogoKind::Png,
        bytes: b"\x89PNG\r\n\x1a\n".to_vec(),
    };
    let with = Brand::new(BrandInput {
        logo: Some(logo),
        ..BrandInput::default()
    });
    assert_eq!(
        with.logo.as_deref(),
        Some("data:image/png;base64,iVBORw0KGgo=")
    );
    for protection in [Protection::Own, Protection::Leaving, Protection::Posting] {
        assert!(with.policy(protection).contains("; img-src data:"));
        assert!(!Brand::default().policy(protection).contains("img-src"));
    }
}
