namespace Rqlite.Pg.Storage;

/// <summary>The tables of <see cref="NodeSql"/>. A scan reads rows that a delegate has made at its beginning.</summary>
internal sealed class NodeTableRows(NodeTable definition) : SqlTable(definition.Name, [.. definition.Columns.Split(',').Select(Parse)])
{
    public override bool AsksSession => true;

    public override SqlRowScan Scan(int key, in FunctionCall call) => new Rows(definition.Rows(call.Statement.Caller));

    private static SqlTableColumn Parse(string column)
    {
        var words = column.Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return new(words[0], words.Length > 1 ? words[1] : "");
    }

    private new sealed class Rows(IReadOnlyList<object?[]> rows) : SqlRowScan
    {
        private int _at = -1;

        public override bool Read() => ++_at < rows.Count;

        public override void Column(int column, in FunctionCall answer) => NodeValues.Return(answer, rows[_at][column]);
    }
}
