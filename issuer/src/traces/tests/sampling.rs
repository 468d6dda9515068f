//! Which requests have a trace.

use super::super::ids::TraceId;
use super::super::sampling::{Decision, Sampling, decide};
use super::*;

const SAMPLED: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const NOT_SAMPLED: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";

/// Callers are believed.
fn ratio(ratio: f64) -> Sampling {
    Sampling {
        ratio: SampleRatio::new(ratio).unwrap(),
        continues: true,
    }
}

/// Its last 56 bits are the first of these, and the rest no matter.
fn trace(first_random_byte: u8) -> TraceId {
    let mut bytes = [0xff; 16];
    bytes[9] = first_random_byte;
    bytes[10..].fill(0);
    TraceId::new(bytes).unwrap()
}

#[test]
fn the_caller_decides_whatever_the_ratio() {
    let parent = Parent::parse(SAMPLED.as_bytes());
    let fresh = || panic!("it has a name");
    let decision = decide(parent, ratio(0.0), fresh);
    assert_eq!(decision, Decision::Continued(parent.unwrap()));
    let parent = Parent::parse(NOT_SAMPLED.as_bytes());
    assert_eq!(decide(parent, ratio(1.0), fresh), Decision::Not);
}

#[test]
fn a_caller_that_is_not_believed_decides_nothing() {
    let own = Some(trace(0));
    for (caller, of) in [(SAMPLED, 0.0), (NOT_SAMPLED, 1.0), (SAMPLED, 1.0)] {
        let sampling = Sampling {
            continues: false,
            ..ratio(of)
        };
        let parent = Parent::parse(caller.as_bytes());
        assert!(parent.is_some());
        let expected = decide(None, ratio(of), || own);
        assert_eq!(decide(parent, sampling, || own), expected, "{caller} {of}");
    }
}

#[test]
fn without_a_caller_the_ratio_does_by_the_traces_name() {
    let begun = |of, name| decide(None, ratio(of), || Some(trace(name))) != Decision::Not;
    for (of, name, expected) in [
        (1.0, 0, true),
        (1.0, 255, true),
        (0.5, 0x7f, false),
        (0.5, 0x80, true),
        (0.25, 0xbf, false),
        (0.25, 0xc0, true),
        (0.0, 255, false),
    ] {
        assert_eq!(begun(of, name), expected, "{of} {name}");
    }
    assert_eq!(
        decide(None, ratio(0.0), || panic!("no randomness is drawn")),
        Decision::Not
    );
}

#[test]
fn without_randomness_there_is_no_trace_and_no_harm() {
    assert_eq!(decide(None, ratio(1.0), || None), Decision::Not);
}

#[test]
fn a_ratio_is_a_number_from_0_to_1() {
    for bad in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
        assert_eq!(SampleRatio::new(bad), None, "{bad}");
    }
}

#[tokio::test]
async fn nothing_is_traced_unless_a_collector_is_named() {
    assert!(traces("sample_ratio = 1.0", Pace::default()).is_none());
}
