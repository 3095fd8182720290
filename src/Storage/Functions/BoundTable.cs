using System.Text;

namespace Rqlite.Pg.Storage;

/// <summary>A table on one connection: its declaration, and the choice of how it is scanned.</summary>
internal sealed unsafe class BoundTable
{
    /// <summary>SQLite leaves a comparison to the table only for the first constraints that it names.</summary>
    private const int OmittableMax = 16;

    // As SQLite weighs its own tables: a row costs this much, and the beginning of a scan.
    private const double RowCost = 2;
    private const double ScanCost = 5;

    private readonly Affinity[] _affinities;
    private readonly int _arguments;

    public BoundTable(SqlTable definition, StatementContext context, ExtensionErrors errors)
    {
        Definition = definition;
        Context = context;
        Errors = errors;
        ColumnCount = definition.Columns.Count;
        _arguments = Math.Max(definition.Arguments, definition.ArgumentsMax);
        _affinities = [.. definition.Columns.Select(static column => AffinityOf(column.Type))];
        var declaration = new StringBuilder("CREATE TABLE x(");
        foreach (var column in definition.Columns)
        {
            declaration.Append('"').Append(column.Name.Replace("\"", "\"\"", StringComparison.Ordinal)).Append("\" ").Append(column.Type);
            declaration.Append(column.Collation.Length == 0 ? "" : $" COLLATE {column.Collation}").Append(',');
        }

        for (var i = 0; i < _arguments; i++)
        {
            declaration.Append(System.Globalization.CultureInfo.InvariantCulture, $"argument{i + 1} HIDDEN,");
        }

        declaration.Length--;
        Declaration = Connection.Utf8(declaration.Append(')').ToString());
    }

    private enum Affinity
    {
        None,
        Integer,
        Text,
        Number,
    }

    public SqlTable Definition { get; }

    public StatementContext Context { get; }

    public ExtensionErrors Errors { get; }

    /// <summary>Why the table cannot be used on this connection; null if it can.</summary>
    public string? Refusal { get; init; }

    /// <summary>The number of columns without the arguments.</summary>
    public int ColumnCount { get; }

    /// <summary>CREATE TABLE, as UTF-8 with a terminating zero.</summary>
    public byte[] Declaration { get; }

    public bool IsFunction => _arguments > 0;

    /// <summary>
    /// Chooses the scan for the constraints that SQLite shows. Its number is for a function the place, from 1, of the first argument that SQLite
    /// compares with the hidden column all the same, and for a relation that of the key; 0 for none.
    /// </summary>
    public int Choose(Native.TableIndex* index)
    {
        index->Cost = ScanCost + (RowCost * Definition.Rows);
        index->Rows = Math.Max(Definition.Rows, 1);
        return IsFunction ? ChooseArguments(index) : ChooseKey(index);
    }

    private int ChooseArguments(Native.TableIndex* index)
    {
        Span<int> chosen = stackalloc int[_arguments];
        Span<bool> waits = stackalloc bool[_arguments];
        chosen.Fill(-1);
        waits.Clear();
        for (var i = 0; i < index->ConstraintCount; i++)
        {
            var constraint = index->Constraints[i];
            var argument = constraint.Column - ColumnCount;
            if (argument < 0 || constraint.Operator != Native.ConstraintEqual || chosen[argument] >= 0)
            {
                continue;
            }

            if (constraint.Usable == 0)
            {
                waits[argument] = true;
            }
            else
            {
                chosen[argument] = i;
            }
        }

        var given = 0;
        for (var i = 0; i < _arguments; i++)
        {
            if (chosen[i] >= 0)
            {
                given = i == given ? i + 1 : throw Misses(i);
                index->Uses[chosen[i]] = new Native.TableConstraintUse { Argument = i + 1, Omit = 1 };
                index->Number = index->Number == 0 && chosen[i] >= OmittableMax ? i + 1 : index->Number;
            }
            else if (waits[i])
            {
                // The argument comes from a table that this order of the join would read later.
                return ResultCode.Constraint;
            }
        }

        return Definition.Arguments < 0 || given == Definition.Arguments ? ResultCode.Ok : throw Misses(given + 1);
    }

    private InvalidOperationException Misses(int argument) => new($"{Definition.Name} lacks its argument {argument}");

    private int ChooseKey(Native.TableIndex* index)
    {
        var best = -1;
        for (var i = 0; i < index->ConstraintCount; i++)
        {
            var constraint = index->Constraints[i];
            if (constraint.Operator == Native.ConstraintEqual && constraint.Usable != 0 && Definition.Keys.Contains(constraint.Column)
                && HasOwnCollation(index, i)
                && (best < 0 || Definition.RowsOf(constraint.Column) < Definition.RowsOf(index->Constraints[best].Column)))
            {
                best = i;
            }
        }

        if (best >= 0)
        {
            var key = index->Constraints[best].Column;
            index->Uses[best].Argument = 1;
            index->Number = key + 1;
            index->Rows = Math.Max(Definition.RowsOf(key), 1);
            index->Cost = ScanCost + (RowCost * index->Rows);
        }

        return ResultCode.Ok;
    }

    // Another collation may find rows equal that the table does not look for.
    private bool HasOwnCollation(Native.TableIndex* index, int constraint)
    {
        var column = Definition.Columns[index->Constraints[constraint].Column];
        var own = string.IsNullOrEmpty(column.Collation) ? "BINARY" : column.Collation;
        return _affinities[index->Constraints[constraint].Column] is Affinity.Integer or Affinity.Number
            || Native.Text(Native.sqlite3_vtab_collation(index, constraint)).Equals(own, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>True if a value is of the column's class. SQLite converts others only when it compares them itself.</summary>
    public bool Fits(int column, StorageClass value) => _affinities[column] switch
    {
        Affinity.Integer => value == StorageClass.Integer,
        Affinity.Text => value == StorageClass.Text,
        Affinity.Number => value is StorageClass.Integer or StorageClass.Real,
        _ => true,
    };

    /// <summary>The affinity of a declared type, by SQLite's rules (sqlite.org/datatype3.html, 3.1).</summary>
    private static Affinity AffinityOf(string type) =>
        Has(type, "INT") ? Affinity.Integer
        : Has(type, "CHAR") || Has(type, "CLOB") || Has(type, "TEXT") ? Affinity.Text
        : type.Length == 0 || Has(type, "BLOB") ? Affinity.None
        : Affinity.Number;

    private static bool Has(string type, string word) => type.Contains(word, StringComparison.OrdinalIgnoreCase);
}
