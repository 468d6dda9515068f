//! The README does not lie.

use dockgate_tests::{demo, readme};

#[test]
fn every_command_of_the_readme_gives_the_output_that_is_written_there() {
    readme::run_its_commands(demo().ports().http);
}
