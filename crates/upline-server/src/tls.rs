//! Encryption by rustls, where a certificate is given; read again when its file has changed.

use axum_server::tls_rustls::RustlsConfig;
use std::io;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

/// Where a certificate and its private key are, as PEM.
#[derive(Clone, Debug)]
pub struct Certificate {
    pub chain: PathBuf,
    pub private_key: PathBuf,
}

/// How often it is looked whether there is another certificate.
const LOOK_EVERY: Duration = Duration::from_secs(60);

impl Certificate {
    /// Reads both.
    pub async fn read(&self) -> io::Result<RustlsConfig> {
        RustlsConfig::from_pem_file(&self.chain, &self.private_key).await
    }

    fn changed_at(&self) -> Option<(SystemTime, SystemTime)> {
        let of = |path: &PathBuf| std::fs::metadata(path).and_then(|file| file.modified()).ok();
        Some((of(&self.chain)?, of(&self.private_key)?))
    }

    /// Goes on looking whether they were renewed. One that cannot be read is told, and the last one is kept.
    pub async fn follow(self, config: RustlsConfig) {
        let mut seen = self.changed_at();
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let now = self.changed_at();
            if now.is_some() && now != seen {
                seen = now;
                match config.reload_from_pem_file(&self.chain, &self.private_key).await {
                    Ok(()) => tracing::info!("another certificate is used from now on"),
                    Err(error) => {
                        tracing::error!(%error, "the certificate cannot be read: the last one is kept")
                    }
                }
            }
        }
    }
}
