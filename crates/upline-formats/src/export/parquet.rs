//! Entries as Parquet, partitioned by the month that they are dated in.

use super::{COLUMNS, Export, ExportError};
use arrow_array::builder::{
    Date32Builder, Decimal128Builder, Int64Builder, StringBuilder, TimestampMicrosecondBuilder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, DataType, Field, Schema, TimeUnit};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::schema::types::ColumnPath;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;
use upline_views::entries::{Entry, Posted};

/// How many entries of a month wait to be encoded together.
const BATCH_ENTRIES: usize = 1_024;

/// How many entries of all months are kept, encoded or not, before they are written; bounds the memory.
const KEPT_ENTRIES_MAX: usize = 1 << 20;

/// The digits of an amount, and how many of them are decimals.
const DIGITS: u8 = 18;
const DECIMALS: i8 = 2;

/// The largest amount of so many digits, in cents.
const CENTS_MAX: u64 = 999_999_999_999_999_999;

/// The time zone of recorded times.
const ZONE: &str = "UTC";

/// Writes a row for each entry into the file of its month, which `open` opens when the first one comes.
pub struct Months<W: Write + Send, F> {
    open: F,
    schema: Arc<Schema>,
    properties: WriterProperties,
    months: BTreeMap<String, Month<W>>,
    /// Entries taken since everything was written.
    kept: usize,
    kept_max: usize,
}

struct Month<W: Write + Send> {
    waiting: Columns,
    writer: ArrowWriter<W>,
}

impl<W: Write + Send, F: FnMut(&str) -> io::Result<W>> Months<W, F> {
    /// Writes to what `open` opens for a month such as `2025-01`.
    pub fn new(open: F) -> Months<W, F> {
        // Ids are all different: a dictionary of them would only be in the way.
        let mut properties = WriterProperties::builder().set_compression(Compression::SNAPPY);
        for column in ["id", "cause"] {
            properties = properties.set_column_dictionary_enabled(ColumnPath::from(column), false);
        }
        Months {
            open,
            schema: Arc::new(schema()),
            properties: properties.build(),
            months: BTreeMap::new(),
            kept: 0,
            kept_max: KEPT_ENTRIES_MAX,
        }
    }

    fn entry(&mut self, posted: &Posted, entry: &Entry) -> Result<(), ExportError> {
        let dated = entry.dated.to_string();
        let name = dated.rsplit_once('-').map_or(dated.as_str(), |(month, _)| month);
        if !self.months.contains_key(name) {
            let out = (self.open)(name)?;
            let writer = ArrowWriter::try_new(out, self.schema.clone(), Some(self.properties.clone()))
                .map_err(failed)?;
            self.months.insert(name.to_owned(), Month { waiting: Columns::new()?, writer });
        }
        if let Some(month) = self.months.get_mut(name) {
            month.waiting.push(posted, entry)?;
            if month.waiting.len() == BATCH_ENTRIES {
                month.encode(&self.schema)?;
            }
        }
        self.kept += 1;
        if self.kept == self.kept_max {
            self.write_kept()?;
        }
        Ok(())
    }

    fn write_kept(&mut self) -> Result<(), ExportError> {
        for month in self.months.values_mut() {
            month.encode(&self.schema)?;
            month.writer.flush().map_err(failed)?;
        }
        self.kept = 0;
        Ok(())
    }
}

impl<W: Write + Send, F: FnMut(&str) -> io::Result<W>> Export for Months<W, F> {
    fn event(&mut self, posted: &Posted) -> Result<(), ExportError> {
        posted.entries.iter().try_for_each(|entry| self.entry(posted, entry))
    }

    fn finish(mut self) -> Result<(), ExportError> {
        // One after the other, so that what is written is let go of.
        while let Some((_, mut month)) = self.months.pop_first() {
            month.encode(&self.schema)?;
            let mut out = month.writer.into_inner().map_err(failed)?;
            out.flush()?;
        }
        Ok(())
    }
}

impl<W: Write + Send> Month<W> {
    /// Encodes the entries that wait.
    fn encode(&mut self, schema: &Arc<Schema>) -> Result<(), ExportError> {
        if self.waiting.len() == 0 {
            return Ok(());
        }
        let batch = self.waiting.take(schema)?;
        self.writer.write(&batch).map_err(failed)
    }
}

fn schema() -> Schema {
    let types = [
        (DataType::Int64, false),
        (DataType::Utf8, false),
        (DataType::Utf8, true),
        (DataType::Utf8, false),
        (DataType::Date32, false),
        (DataType::Timestamp(TimeUnit::Microsecond, Some(ZONE.into())), false),
        (DataType::Date32, false),
        (DataType::Date32, true),
        (DataType::Utf8, true),
        (DataType::Utf8, false),
        (DataType::Utf8, false),
        (DataType::Decimal128(DIGITS, DECIMALS), false),
    ];
    let fields = COLUMNS.into_iter().zip(types).map(|(name, (of, nullable))| Field::new(name, of, nullable));
    Schema::new(fields.collect::<Vec<_>>())
}

/// Entries column by column, in the order of [`COLUMNS`].
struct Columns {
    position: Int64Builder,
    id: StringBuilder,
    cause: StringBuilder,
    type_name: StringBuilder,
    on: Date32Builder,
    recorded_at: TimestampMicrosecondBuilder,
    dated: Date32Builder,
    due: Date32Builder,
    policy: StringBuilder,
    debit: StringBuilder,
    credit: StringBuilder,
    amount: Decimal128Builder,
}

impl Columns {
    fn new() -> Result<Columns, ExportError> {
        let amount = Decimal128Builder::new().with_precision_and_scale(DIGITS, DECIMALS);
        Ok(Columns {
            position: Int64Builder::new(),
            id: StringBuilder::new(),
            cause: StringBuilder::new(),
            type_name: StringBuilder::new(),
            on: Date32Builder::new(),
            recorded_at: TimestampMicrosecondBuilder::new().with_timezone(ZONE),
            dated: Date32Builder::new(),
            due: Date32Builder::new(),
            policy: StringBuilder::new(),
            debit: StringBuilder::new(),
            credit: StringBuilder::new(),
            amount: amount.map_err(invalid)?,
        })
    }

    fn len(&self) -> usize {
        arrow_array::builder::ArrayBuilder::len(&self.position)
    }

    fn push(&mut self, posted: &Posted, entry: &Entry) -> Result<(), ExportError> {
        let Posted { position, .. } = posted;
        let too_large = |what: String| {
            ExportError::Refused(format!("event {position}: {what} has more digits than its column"))
        };
        if entry.amount.0.unsigned_abs() > CENTS_MAX {
            return Err(too_large(format!("an entry of {}", entry.amount)));
        }
        self.position.append_value(i64::try_from(*position).map_err(|_| too_large("its position".into()))?);
        self.id.append_value(posted.id.to_string());
        self.cause.append_option(posted.cause.map(|cause| cause.to_string()));
        self.type_name.append_value(posted.type_name);
        self.on.append_value(posted.on.0);
        self.recorded_at.append_value(posted.recorded_at.0);
        self.dated.append_value(entry.dated.0);
        self.due.append_option(entry.due.map(|due| due.0));
        self.policy.append_option(entry.policy.as_ref().map(ToString::to_string));
        self.debit.append_value(&entry.debit);
        self.credit.append_value(&entry.credit);
        self.amount.append_value(i128::from(entry.amount.0));
        Ok(())
    }

    /// The entries as a batch; none stay.
    fn take(&mut self, schema: &Arc<Schema>) -> Result<RecordBatch, ExportError> {
        let columns: [ArrayRef; COLUMNS.len()] = [
            Arc::new(self.position.finish()),
            Arc::new(self.id.finish()),
            Arc::new(self.cause.finish()),
            Arc::new(self.type_name.finish()),
            Arc::new(self.on.finish()),
            Arc::new(self.recorded_at.finish()),
            Arc::new(self.dated.finish()),
            Arc::new(self.due.finish()),
            Arc::new(self.policy.finish()),
            Arc::new(self.debit.finish()),
            Arc::new(self.credit.finish()),
            Arc::new(self.amount.finish()),
        ];
        RecordBatch::try_new(schema.clone(), columns.to_vec()).map_err(invalid)
    }
}

fn failed(error: ParquetError) -> ExportError {
    ExportError::Output(match error {
        ParquetError::External(error) => match error.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(error) => io::Error::other(error),
        },
        other => io::Error::other(other),
    })
}

fn invalid(error: ArrowError) -> ExportError {
    ExportError::Output(io::Error::other(error))
}

#[cfg(test)]
mod tests {
    use super::super::tests::two_days;
    use super::*;
    use arrow_array::Array;
    use arrow_array::cast::AsArray;
    use arrow_array::types::{Date32Type, Decimal128Type, Int64Type, TimestampMicrosecondType};
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
    use std::fs::{self, File, OpenOptions};

    /// The batches of each month that these events make.
    fn written(kept_max: usize, events: &[Posted]) -> BTreeMap<String, Vec<RecordBatch>> {
        let dir = tempfile::tempdir().unwrap();
        let open =
            |month: &str| OpenOptions::new().create_new(true).append(true).open(dir.path().join(month));
        let mut months = Months::new(open);
        months.kept_max = kept_max;
        events.iter().for_each(|posted| months.event(posted).unwrap());
        months.finish().unwrap();
        let read = |file: fs::DirEntry| {
            let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(file.path()).unwrap()).unwrap();
            let batches = reader.build().unwrap().map(Result::unwrap).collect();
            (file.file_name().into_string().unwrap(), batches)
        };
        fs::read_dir(dir.path()).unwrap().map(|file| read(file.unwrap())).collect()
    }

    #[test]
    fn entries_are_in_the_month_that_they_are_dated_in() {
        let months = written(KEPT_ENTRIES_MAX, &[two_days()]);
        assert_eq!(months.keys().collect::<Vec<_>>(), ["2025-01", "2025-02"]);
        let batch = &months["2025-02"][0];
        assert_eq!(batch.num_rows(), 1);
        let column = |name: &str| batch.column_by_name(name).unwrap().clone();
        assert_eq!(column("position").as_primitive::<Int64Type>().value(0), 10);
        assert!(column("cause").is_null(0) && column("policy").is_null(0));
        assert_eq!(
            column("recorded_at").as_primitive::<TimestampMicrosecondType>().value(0),
            1_737_018_000_250_000
        );
        assert_eq!(column("due").as_primitive::<Date32Type>().value(0), 20_108);
        assert_eq!(column("debit").as_string::<i32>().value(0), "cash");
        assert_eq!(column("amount").as_primitive::<Decimal128Type>().value_as_string(0), "-0.05");
        assert!(months["2025-01"][0].column_by_name("due").unwrap().is_null(0));
    }

    #[test]
    fn nothing_is_lost_where_files_are_written_piece_by_piece() {
        let events = vec![two_days(); 700];
        for kept_max in [1, 7, KEPT_ENTRIES_MAX] {
            let rows = |batches: &Vec<RecordBatch>| batches.iter().map(RecordBatch::num_rows).sum::<usize>();
            let months = written(kept_max, &events);
            assert_eq!(months.values().map(rows).collect::<Vec<_>>(), [700, 700], "{kept_max}");
        }
    }

    #[test]
    fn an_amount_of_more_digits_than_the_column_is_refused() {
        let mut posted = two_days();
        posted.entries[0].amount.0 = CENTS_MAX as i64 + 1;
        let mut months = Months::new(|_: &str| Ok(Vec::new()));
        let refused = months.event(&posted).unwrap_err().to_string();
        assert!(refused.contains("10000000000000000.00"), "{refused}");
    }
}
