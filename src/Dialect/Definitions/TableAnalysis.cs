using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;
using Attribute = Rqlite.Pg.Dialect.Catalog.Attribute;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>Reads the elements of CREATE TABLE, in the order and with the errors of PostgreSQL's parse_utilcmd.c.</summary>
internal sealed partial class TableAnalysis(Definition definition, TablePlan plan)
{
    private const int ColumnsMax = 1600;

    private readonly List<TableConstraint> _checks = [];
    private readonly List<(TableConstraint Constraint, NodeList<string> Columns)> _keys = [];

    public void Run(NodeList<TableElement> elements)
    {
        foreach (var element in elements)
        {
            switch (element)
            {
                case ColumnDefinition column:
                    AddColumn(column);
                    break;
                case TableConstraint constraint:
                    AddTableConstraint(constraint);
                    break;
                default:
                    throw definition.NotSupported("LIKE is", element.Location);
            }
        }

        CheckColumns();
        foreach (var (constraint, columns) in _keys)
        {
            AddKey(constraint, columns);
        }

        if (plan.Existing is null)
        {
            Complete();
        }
        else
        {
            Definition.WithoutPosition(Complete);
        }
    }

    private void Complete()
    {
        BindValues();
        new ConstraintNaming(definition, plan).Run(_checks);
        foreach (var key in plan.ForeignKeys)
        {
            new ForeignKeyAnalysis(definition, plan).Resolve(key);
        }
    }

    private void AddColumn(ColumnDefinition written)
    {
        if (written.Type is not { } typeName)
        {
            throw definition.NotSupported("tables of a type are", written.Location);
        }

        if (written.Compression is not null and not "default")
        {
            throw definition.NotSupported("compression methods are", written.Location);
        }

        var serial = SerialType(typeName);
        var type = serial ?? definition.Resolver.Type(typeName);
        CheckType(written.Name, type, typeName);
        var collation = definition.CollationOf(type.Oid);
        if (written.Collation is { } name)
        {
            var named = definition.Resolver.Collation(name, written.CollationLocation);
            collation = collation != 0 ? named : throw definition.Error(
                SqlState.DatatypeMismatch, $"collations are not supported by type {definition.Names.TypeName(type.Oid)}", written.CollationLocation);
        }

        var column = new ColumnPlan(new Attribute((short)(plan.Columns.Count + 1), written.Name, type, collation)
        {
            Dimensions = (short)typeName.ArrayBounds.Count,
        });
        plan.Columns.Add(column);
        if (serial is not null)
        {
            if (typeName.ArrayBounds.Count > 0)
            {
                throw definition.Error(SqlState.FeatureNotSupported, "array of serial is not implemented", typeName.Location);
            }

            column.Sequence = SequenceOf(column, type, []);
            column.Attribute = column.Attribute with { NotNull = true };
        }

        AddColumnConstraints(column, written.Constraints, serial is not null);
    }

    /// <summary>The integer type behind serial and its kin; null for another name.</summary>
    private static PgType? SerialType(TypeName name) => name.Names is [var only] && !name.SetOf && !name.PercentType ? only switch
    {
        "smallserial" or "serial2" => new PgType(PgTypes.Int2),
        "serial" or "serial4" => new PgType(PgTypes.Int4),
        "bigserial" or "serial8" => new PgType(PgTypes.Int8),
        _ => null,
    } : null;

    public void CheckType(string column, PgType type, TypeName name)
    {
        if (name.SetOf)
        {
            throw definition.Error(SqlState.InvalidTableDefinition, $"column \"{column}\" cannot be declared SETOF", name.Location);
        }

        var known = PgTypes.Find(type.Oid);
        if (known?.Kind == 'p')
        {
            throw definition.Error(SqlState.InvalidTableDefinition, $"column \"{column}\" has pseudo-type {definition.Names.TypeName(type.Oid)}");
        }

        var element = known is { IsArray: true } ? PgTypes.Find(known.ElementOid) : known;
        if (element is not null ? StoredForms.IsRefused(element) : IsComposite(type.Oid))
        {
            throw definition.NotSupported($"columns of type {definition.Names.TypeName(type.Oid)} are", name.Location);
        }
    }

    private bool IsComposite(uint type) => definition.Schema.FindType(type) is { } own
        && (own.Kind == 'c' || (own.ElementOid != 0 && IsComposite(own.ElementOid)));

    private void CheckColumns()
    {
        if (plan.Columns.Count == 0 && plan.Existing is null)
        {
            throw definition.NotSupported("tables without columns are");
        }

        if (plan.Columns.Count > ColumnsMax)
        {
            throw definition.Error(SqlState.TooManyColumns, $"tables can have at most {ColumnsMax} columns");
        }

        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var columns = plan.Columns.Where(column => !column.Attribute.Dropped).Select(column => column.Attribute.Name);
        foreach (var column in plan.Columns)
        {
            var name = column.Attribute.Name;
            if (column.Attribute.Dropped)
            {
                continue;
            }

            if (SystemColumns.Is(name))
            {
                throw definition.Error(SqlState.DuplicateColumn, $"column name \"{name}\" conflicts with a system column name");
            }

            if (!seen.Add(name))
            {
                definition.RequireFreeColumn(columns.TakeWhile((_, place) => place < seen.Count), name, $"column \"{name}\" specified more than once");
            }
        }
    }

    public SequencePlan SequenceOf(ColumnPlan column, PgType type, NodeList<SequenceOption> written)
    {
        var given = written.FirstOrDefault(option => option.Kind == SequenceOptionKind.SequenceName)?.Name;
        var name = given?[^1] ?? ObjectNames.Choose(
            plan.Name, column.Attribute.Name, "seq",
            candidate => definition.IsTaken(plan.Schema, candidate) || candidate == plan.Name || plan.Columns.Any(c => c.Sequence?.Name == candidate));
        if (given is not null)
        {
            definition.RequireFree(plan.Schema, name, isType: false);
        }

        definition.RequireDistinct(plan.Schema, name);

        var typeName = type.Oid switch { PgTypes.Int2 => "smallint", PgTypes.Int4 => "integer", _ => "bigint" };
        var options = SequenceOptions.Read(definition, written, typeName);
        return new SequencePlan(name, definition.SqliteName(plan.Schema, name), typeName, options);
    }
}
