//! `upline help`

use crate::cli::failure::{Failure, FileWrong, UsageError};
use crate::cli::screen::{self, note};
use clap_complete::Shell;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Print help of a command, or install completions and man pages
#[derive(clap::Args)]
pub struct Help {
    /// Write shell completions and man pages below this directory, such as /usr/local
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    install: Option<PathBuf>,
    /// The command
    #[arg(value_name = "COMMAND")]
    command: Vec<String>,
}

/// Where each shell looks for what completes, below a prefix.
const COMPLETIONS: [(Shell, &str); 3] = [
    (Shell::Bash, "share/bash-completion/completions/upline"),
    (Shell::Zsh, "share/zsh/site-functions/_upline"),
    (Shell::Fish, "share/fish/vendor_completions.d/upline.fish"),
];

impl Help {
    /// Runs the command, of this program.
    pub fn run(self, program: clap::Command) -> Result<(), Failure> {
        if let Some(dir) = &self.install {
            let count = install(dir, program)?;
            note(&format!("{count} files are installed below {}.", dir.display()));
            return Ok(());
        }
        let mut shown = program;
        let mut named = shown.get_name().to_owned();
        for name in &self.command {
            let found = shown.find_subcommand(name).cloned();
            shown = found.ok_or_else(|| {
                UsageError::Argument(format!("{name} is no command: upline help lists them"))
            })?;
            named = format!("{named} {name}");
        }
        let help = shown.bin_name(named).render_long_help();
        Ok(screen::stdout().write_all(help.to_string().as_bytes())?)
    }
}

/// Writes completions, and a man page for every command; says how many files.
fn install(dir: &Path, mut program: clap::Command) -> Result<usize, Failure> {
    let mut count = 0;
    let mut put = |path: PathBuf, content: &[u8]| -> Result<(), Failure> {
        let write = || {
            fs::create_dir_all(path.parent().unwrap_or(dir))?;
            fs::write(&path, content)
        };
        write().map_err(|error| FileWrong::Unwritten(error).of(&path))?;
        count += 1;
        Ok(())
    };
    for (shell, path) in COMPLETIONS {
        let mut content = Vec::new();
        clap_complete::generate(shell, &mut program, "upline", &mut content);
        put(dir.join(path), &content)?;
    }
    program.build();
    let mut pages = vec![("upline".to_owned(), program)];
    while let Some((name, command)) = pages.pop() {
        let below = command.get_subcommands().filter(|one| one.get_name() != "help" && !one.is_hide_set());
        pages.extend(below.map(|one| (format!("{name}-{}", one.get_name()), one.clone())));
        let mut page = Vec::new();
        clap_mangen::Man::new(command).title(name.clone()).render(&mut page)?;
        put(dir.join(format!("share/man/man1/{name}.1")), &page)?;
    }
    Ok(count)
}
