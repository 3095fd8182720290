using System.Buffers;
using System.Runtime.CompilerServices;
using Rqlite.Pg.Dialect.Runtime;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Dialect.Lowering;

/// <summary>
/// <c>pg_kept(number, columns)</c>: the rows that <c>pg_keep(number, …)</c> was called with since <c>pg_forget()</c>, on the same connection. A
/// statement of PostgreSQL that is several of SQLite hands rows on so: they run after each other as one, and the first one forgets.
/// </summary>
internal sealed class KeptRows() : SqlTable("pg_kept", PackedRows.TableColumns)
{
    private static readonly ConditionalWeakTable<StatementContext, Dictionary<long, ArrayBufferWriter<byte>>> s_kept = [];

    public override int Arguments => 2;

    public override SqlRowScan Scan(int key, in FunctionCall call) => PackedRows.Scan(
        (int)call.Integer(1),
        s_kept.TryGetValue(call.Statement, out var kept) && kept.TryGetValue(call.Integer(0), out var rows) ? rows.WrittenSpan.ToArray() : []);

    public static void Register(FunctionRegistry registry)
    {
        registry.Helper("pg_forget", 0, Forget, Purity.Volatile, strict: false);
        registry.Helper("pg_keep", -1, Keep, Purity.Volatile, strict: false);
        registry.Table(new KeptRows());
    }

    private static void Forget(in FunctionCall call) => s_kept.GetOrCreateValue(call.Statement).Clear();

    private static void Keep(in FunctionCall call)
    {
        var kept = s_kept.GetOrCreateValue(call.Statement);
        var number = call.Integer(0);
        if (!kept.TryGetValue(number, out var rows))
        {
            kept[number] = rows = new ArrayBufferWriter<byte>();
        }

        if (call.Count == 1)
        {
            // A row without columns takes the place of a number.
            PackedRows.Append(SqliteValue.FromInteger(0), rows);
        }

        for (var i = 1; i < call.Count; i++)
        {
            PackedRows.Append(call.Value(i), rows);
        }
    }
}
