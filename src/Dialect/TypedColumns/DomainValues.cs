using System.Buffers;
using System.Text;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Lowering;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.TypedColumns;

/// <summary>The values that a statement has stored in columns of domains, whose CHECKs are queries and have to wait until it has run.</summary>
internal sealed class DomainValues
{
    private const long BytesMax = 64 << 20;
    private const int OverheadBytes = 64;

    private readonly Dictionary<(uint Domain, string Column), HashSet<Value>> _values = [];
    private readonly Dictionary<uint, Step> _queries = [];
    private long _bytes;

    public void Clear()
    {
        _values.Clear();
        _bytes = 0;
    }

    /// <param name="column">The column, for the error.</param>
    public void Add(ColumnType type, string column, in SqliteValue value)
    {
        // The outermost domain's check includes those of the domains under it.
        var key = (type.Domains[0], column);
        if (!_values.TryGetValue(key, out var values))
        {
            _values[key] = values = [];
        }

        var text = value.Class is StorageClass.Text or StorageClass.Blob ? Convert.ToBase64String(value.Bytes) : null;
        if (values.Add(new Value(value.Class, value.Class == StorageClass.Real ? BitConverter.DoubleToInt64Bits(value.Real) : value.Integer, text))
            && (_bytes += OverheadBytes + (2L * (text?.Length ?? 0))) > BytesMax)
        {
            throw new SqlFunctionException(SqlState.ProgramLimitExceeded, "the statement stores too many values of domains with CHECK constraints");
        }
    }

    /// <summary>Checks all values.</summary>
    public void Check(IConnectionSql sql)
    {
        foreach (var ((domain, column), values) in _values)
        {
            var query = Query(domain, sql);
            var text = Encoding.UTF8.GetBytes(query.Sql);
            foreach (var value in values)
            {
                try
                {
                    sql.Read(Statement.Ours(text, output => value.WriteTo(output, query.Parameters.Count)), static (in _) => { });
                }
                catch (SqlFunctionException e)
                {
                    throw new SqlFunctionException(e.SqlState, $"{column}: {e.Message}", e.Detail, e.Hint);
                }
            }
        }
    }

    private Step Query(uint domain, IConnectionSql sql)
    {
        if (!_queries.TryGetValue(domain, out var query))
        {
            _queries[domain] = query = Translate(domain, SnapshotCache.Of(sql));
        }

        return query;
    }

    private static Step Translate(uint domain, SchemaSnapshot schema)
    {
        var type = schema.FindType(domain)!;
        var text = $"SELECT $1::{Identifiers.Qualify(type.Schema, type.Name)}";
        var context = new TranslationContext(schema, SchemaNames.DefaultPath, "", "");
        return Translator.Translate(Translator.Parse(text), text, context, [StoredTypes.Base(new PgType(domain), schema).Oid])!.Steps[0];
    }

    private readonly record struct Value(StorageClass Class, long Number, string? Bytes)
    {
        public void WriteTo(IBufferWriter<byte> output, int times)
        {
            for (var i = 0; i < times; i++)
            {
                switch (Class)
                {
                    case StorageClass.Integer:
                        ParameterEncoding.WriteInteger(output, Number);
                        break;
                    case StorageClass.Real:
                        ParameterEncoding.WriteReal(output, BitConverter.Int64BitsToDouble(Number));
                        break;
                    case StorageClass.Text:
                        ParameterEncoding.WriteText(output, Convert.FromBase64String(Bytes!));
                        break;
                    default:
                        ParameterEncoding.WriteBlob(output, Convert.FromBase64String(Bytes!));
                        break;
                }
            }
        }
    }
}
