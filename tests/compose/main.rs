//! The committed compose file, its images and its containers: `cargo xtask test compose` provides
//! the Docker engine and builds the images.

mod contract;
mod docker;
mod images;
mod isolation;
mod life;
mod logs;
mod mistakes;
mod operator;
mod project;
