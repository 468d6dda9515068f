//! `traceparent`, read strictly (W3C Trace Context §3.2).

use super::*;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const SPAN: &str = "b7ad6b7169203331";

#[test]
fn a_good_parent_is_read_with_its_flag() {
    for (value, sampled) in [
        (format!("00-{TRACE}-{SPAN}-01"), true),
        (format!("00-{TRACE}-{SPAN}-00"), false),
        // Other flags are for others.
        (format!("00-{TRACE}-{SPAN}-03"), true),
        (format!("00-{TRACE}-{SPAN}-fe"), false),
        // A later version begins as this one does.
        (format!("01-{TRACE}-{SPAN}-01"), true),
        (format!("fe-{TRACE}-{SPAN}-01-more"), true),
    ] {
        let parent = Parent::parse(value.as_bytes()).unwrap();
        assert_eq!(parent.trace.to_string(), TRACE, "{value}");
        assert_eq!(parent.span.bytes()[..2], [0xb7, 0xad], "{value}");
        assert_eq!(parent.sampled, sampled, "{value}");
    }
}

#[test]
fn what_is_not_exactly_a_parent_is_none() {
    for value in [
        String::new(),
        "00".to_owned(),
        format!("00-{TRACE}-{SPAN}"),
        format!("00-{TRACE}-{SPAN}-1"),
        format!("00-{TRACE}-{SPAN}-01-more"),
        format!("00-{TRACE}-{SPAN}-01 "),
        format!(" 00-{TRACE}-{SPAN}-01"),
        format!("00-{TRACE}-{SPAN}-0g"),
        format!("00-{TRACE}-{SPAN}-+1"),
        format!("0-{TRACE}0-{SPAN}-01"),
        format!("00-{TRACE}0-{}-01", "1".repeat(15)),
        format!("00-{}-{SPAN}0-01", "1".repeat(31)),
        format!("00_{TRACE}_{SPAN}_01"),
        format!("00-{}-{SPAN}-01", TRACE.to_uppercase()),
        format!("00-{}-{SPAN}-01", "0".repeat(32)),
        format!("00-{TRACE}-{}-01", "0".repeat(16)),
        format!("ff-{TRACE}-{SPAN}-01"),
        format!("ff-{TRACE}-{SPAN}-01-more"),
        format!("01-{TRACE}-{SPAN}-01more"),
        format!("00-{TRACE}-{}-01", "-".repeat(16)),
        format!("00-{}é-{SPAN}-01", "1".repeat(30)),
    ] {
        assert_eq!(Parent::parse(value.as_bytes()), None, "{value}");
    }
}
