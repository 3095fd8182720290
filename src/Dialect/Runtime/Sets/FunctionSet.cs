using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>Begins the scan of a set; null for no rows.</summary>
internal delegate SqlRowScan? SetScan(in FunctionCall call);

/// <summary>A function of pg_proc that returns a set.</summary>
internal sealed class FunctionSet : SqlTable
{
    private readonly PgFunction _function;
    private readonly SetScan _scan;
    private readonly bool _asksSession;

    public FunctionSet(PgFunction function, SetScan scan)
        : base(function.SqliteName, ColumnsOf(function))
    {
        _function = function;
        _scan = scan;
        _asksSession = function.Volatility == Volatility.Stable;
        Arguments = function.Arguments.Count + (ArgumentTypes.AreCarriedBy(function) ? 1 : 0);
    }

    public override int Arguments { get; }

    public override int ArgumentsMax => Math.Max(Arguments, 0);

    public override bool AsksSession => _asksSession;

    public override long Rows => 100;

    public override SqlRowScan Scan(int key, in FunctionCall call)
    {
        for (var i = 0; i < _function.Arguments.Count && _function.Strict; i++)
        {
            if (call.IsNull(i))
            {
                return RowList.Empty;
            }
        }

        return _scan(call) ?? RowList.Empty;
    }

    private static SqlTableColumn[] ColumnsOf(PgFunction function)
    {
        var columns = new List<SqlTableColumn>();
        for (var i = 0; i < function.Modes.Length; i++)
        {
            if (function.Modes[i] is 'o' or 't' or 'b')
            {
                columns.Add(new SqlTableColumn(function.Names.Count > i ? function.Names[i] : $"column{columns.Count + 1}", ""));
            }
        }

        return columns.Count > 0 ? [.. columns] : [new SqlTableColumn("value", "")];
    }
}

/// <summary>Rows that have been made; a value is a text, a number or null.</summary>
internal sealed class RowList(IReadOnlyList<StoredValue?[]> rows) : SqlRowScan
{
    private int _row = -1;

    public static RowList Empty => new([]);

    public override bool Read() => ++_row < rows.Count;

    public override void Column(int column, in FunctionCall answer)
    {
        if (rows[_row][column] is { } value)
        {
            answer.Return(value.Value);
        }
    }

    public static StoredValue Text(ReadOnlySpan<byte> utf8)
    {
        var value = new StoredValue();
        value.SetText(utf8);
        return value;
    }

    public static StoredValue Integer(long number)
    {
        var value = new StoredValue();
        value.SetInteger(number);
        return value;
    }
}
