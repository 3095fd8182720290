using System.Globalization;
using System.Text;
using System.Text.Json;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.TypedColumns;

/// <summary>
/// Checks that values have the stored form of a column's type: exactly the one that the type's codec gives to them. A value in another form could be read
/// as the same, but would not be equal to it, since SQLite compares the forms of most types.
/// </summary>
/// <param name="place">The column's place in the table from 0.</param>
internal sealed class ColumnCheck(string table, string column, int place, ColumnType type, DomainValues domains, CheckBuffers buffers)
{
    private const int ShownMax = 60;

    public void Check(in StoredRow row) => Check(row[place]);

    public void Check(in SqliteValue value)
    {
        if (value.Class == StorageClass.Null)
        {
            if (type.NotNullDomain is { } domain)
            {
                throw new SqlFunctionException(SqlState.NotNullViolation, $"{Where}: domain {domain} does not allow null values");
            }

            return;
        }

        if (!IsPlain(value))
        {
            CheckForm(value);
        }

        if (type.Labels is not null)
        {
            CheckLabels(value);
        }

        if (type.Domains.Count > 0)
        {
            domains.Add(type, Where, value);
        }
    }

    private string Where { get; } = $"column \"{column}\" of table \"{table}\"";

    /// <summary>True for a value that needs no codec to be known as one of the type.</summary>
    private bool IsPlain(in SqliteValue value) => (value.Class, type.Carried.Oid) switch
    {
        (StorageClass.Integer, PgTypes.Int8) => true,
        (StorageClass.Integer, PgTypes.Int4) => value.Integer is >= int.MinValue and <= int.MaxValue,
        (StorageClass.Integer, PgTypes.Int2) => value.Integer is >= short.MinValue and <= short.MaxValue,
        (StorageClass.Integer, PgTypes.Bool) => value.Integer is 0 or 1,

        // SQLite keeps a whole number in such a column as an integer, and reads it as a real.
        (StorageClass.Integer or StorageClass.Real, PgTypes.Float8) => true,
        (StorageClass.Blob, PgTypes.Bytea) => true,
        _ => false,
    };

    private void CheckForm(in SqliteValue given)
    {
        var value = given.Class == StorageClass.Integer && type.Carried.Oid == PgTypes.Float4 ? SqliteValue.FromReal(given.Integer) : given;
        try
        {
            if (type.Carried.Oid is PgTypes.Int2 or PgTypes.Int4 or PgTypes.Int8 && value.Class == StorageClass.Integer)
            {
                throw TypeErrors.Overflow(type.Name);
            }

            type.Codec.WriteText(value, type.Carried, ValueContext.Stored, buffers.Begin());
            type.Codec.ReadText(buffers.Text.WrittenSpan, type.Carried, ValueContext.Stored, buffers.Stored);
        }
        catch (TypeException e)
        {
            throw Refused(given, e.SqlState, e.Message);
        }

        if (!AreSame(buffers.Stored.Value, value))
        {
            throw Refused(given, SqlState.InvalidTextRepresentation, $"its stored form is {Shown(buffers.Stored.Value)}");
        }

        buffers.End();
    }

    private void CheckLabels(in SqliteValue value)
    {
        if (type.Codec == Types.Codecs.Codec.For(PgTypes.Text))
        {
            RequireLabel(value, Encoding.UTF8.GetString(value.Bytes));
            return;
        }

        var reader = new Utf8JsonReader(value.Bytes);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.String)
            {
                RequireLabel(value, reader.GetString()!);
            }
        }
    }

    private void RequireLabel(in SqliteValue value, string label)
    {
        if (!type.Labels!.Contains(label))
        {
            throw Refused(value, SqlState.InvalidTextRepresentation, $"invalid input value for enum: \"{Cut(label)}\"");
        }
    }

    private SqlFunctionException Refused(in SqliteValue value, string sqlState, string reason) => new(
        sqlState, $"{Where} is of type {type.Name} and cannot hold {Shown(value)}: {reason}");

    private static bool AreSame(in SqliteValue left, in SqliteValue right) => left.Class == right.Class && left.Class switch
    {
        StorageClass.Integer => left.Integer == right.Integer,

        // SQLite drops the sign of a zero.
        StorageClass.Real => left.Real.Equals(right.Real) || (left.Real == 0 && right.Real == 0),
        _ => left.Bytes.SequenceEqual(right.Bytes),
    };

    private static string Shown(in SqliteValue value) => value.Class switch
    {
        StorageClass.Integer => value.Integer.ToString(CultureInfo.InvariantCulture),
        StorageClass.Real => value.Real.ToString("R", CultureInfo.InvariantCulture),
        StorageClass.Text => $"'{Cut(Encoding.UTF8.GetString(value.Bytes))}'",
        _ => $"the blob x'{Cut(Convert.ToHexStringLower(value.Bytes[..Math.Min(value.Bytes.Length, ShownMax)]))}'",
    };

    private static string Cut(string text) => text.Length <= ShownMax ? text : text[..ShownMax] + "…";
}
