using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>CREATE TABLE.</summary>
internal sealed class TableCreation(Definition definition)
{
    private const string Tag = "CREATE TABLE";

    public Translation Translate(CreateTableStatement statement)
    {
        RefuseOthers(statement);
        var schema = definition.SchemaOf(statement.Name);
        var name = statement.Name.Name;
        if (statement.IfNotExists && definition.IsTaken(schema, name))
        {
            definition.Notify(SqlState.DuplicateTable, $"relation \"{name}\" already exists, skipping");
            return definition.Build(Tag);
        }

        var plan = new TablePlan(schema, name, definition.SqliteName(schema, name))
        {
            Persistence = statement.Persistence == Persistence.Unlogged ? 'u' : 'p',
        };
        definition.RequireFree(schema, name, isType: true);
        new TableAnalysis(definition, plan).Run(statement.Elements);
        Write(plan);
        return definition.Build(Tag);
    }

    /// <summary>Adds the steps that make the table, and its metadata.</summary>
    public MetadataOid Write(TablePlan plan)
    {
        var metadata = definition.Metadata;
        var sequences = new Dictionary<ColumnPlan, MetadataOid>();
        foreach (var column in plan.Columns.Where(column => column.Sequence is not null))
        {
            var sequence = column.Sequence!;
            definition.Call("_rqlite_create_sequence", [TableSql.Literal(sequence.SqliteName), "0", .. sequence.Options]);
            sequences[column] = metadata.Draw();
            metadata.AddRelation(sequences[column], plan.Schema.Oid, sequence.Name, 'S', sequence.SqliteName, 0, 0, plan.Persistence);
        }

        WriteTable(plan);
        var table = metadata.Draw();
        var array = metadata.Draw();
        metadata.AddRelation(table, plan.Schema.Oid, plan.Name, 'r', plan.SqliteName, metadata.Draw(), array, plan.Persistence);
        var sql = new TableSql(definition.Names, definition.Lowering) { Table = plan.ToRelation() };
        foreach (var column in plan.Columns)
        {
            var attribute = column.Attribute;
            MetadataOid defaultOid = attribute.Default is null ? 0 : metadata.Draw();
            metadata.AddColumn(table, sql.DeclaredType(attribute, plan.RowId == column), attribute, defaultOid);
            if (attribute.Default is not null)
            {
                Dependencies.Add(definition, ClassOids.PgAttrDef, defaultOid, column.Value, table, attribute.Generated);
                if (sequences.TryGetValue(column, out var sequence) && attribute.Identity == IdentityKind.None)
                {
                    metadata.AddDependency(ClassOids.PgAttrDef, defaultOid, ClassOids.PgClass, sequence, 0, 'n');
                }
            }
        }

        foreach (var check in plan.Checks)
        {
            var oid = metadata.Draw();
            metadata.AddConstraint(
                oid, table, 0, new ConstraintInfo(0, check.Name, ConstraintType.Check, check.Columns) { Expression = check.Text }, 0, 0);
            Dependencies.Add(definition, ClassOids.PgConstraint, oid, check.Value, table, ownColumns: false);
        }

        WriteKeys(plan, table);
        return table;
    }

    private void WriteTable(TablePlan plan)
    {
        var sql = new TableSql(definition.Names, definition.Lowering) { Table = plan.ToRelation() };
        foreach (var column in plan.Columns)
        {
            sql.AddColumn(
                column.Attribute, plan.RowId == column, column.Value,
                column.Attribute.Identity == IdentityKind.Always ? null : column.Sequence?.SqliteName);
        }

        if (plan.RowId is null && plan.Keys.Find(key => key.Primary) is { } primary)
        {
            sql.AddPrimaryKey(primary.Name, primary.Columns.Select(column => column.Attribute.Name));
        }

        // They are checked in the order of their names.
        foreach (var check in plan.Checks.OrderBy(static check => check.Name, StringComparer.Ordinal))
        {
            sql.AddCheck(check.Name, check.Value);
        }

        foreach (var key in plan.ForeignKeys)
        {
            sql.AddForeignKey(
                ConstraintOf(key), key.Columns, key.Target?.SqliteName ?? plan.SqliteName,
                key.TargetNumbers.Select(number => key.Target?.Attributes[number - 1].Name ?? plan.Columns[number - 1].Attribute.Name));
        }

        definition.Step(sql.ToString());
        foreach (var key in plan.Keys.Where(key => !key.Primary))
        {
            definition.Step($"CREATE UNIQUE INDEX {TableSql.Quote(definition.SqliteName(plan.Schema, key.Name))} ON {TableSql.Quote(plan.SqliteName)} ("
                + $"{string.Join(", ", key.Columns.Select(column => TableSql.Quote(column.Attribute.Name)))})");
        }
    }

    private void WriteKeys(TablePlan plan, MetadataOid table)
    {
        var metadata = definition.Metadata;
        var indexes = new Dictionary<KeyPlan, MetadataOid>();
        foreach (var key in plan.Keys)
        {
            short[] columns = [.. key.Columns.Select(column => column.Attribute.Number)];
            indexes[key] = metadata.Draw();
            metadata.AddIndex(indexes[key], table, new IndexInfo(0, key.Name, true, key.Primary, [.. columns, .. key.Include.Select(c => c.Attribute.Number)])
            {
                KeyCount = columns.Length,
                Options = new short[columns.Length],
                SqliteName = key.Primary ? "" : definition.SqliteName(plan.Schema, key.Name),
            });
            metadata.AddConstraint(
                metadata.Draw(), table, 0,
                new ConstraintInfo(0, key.Name, key.Primary ? ConstraintType.PrimaryKey : ConstraintType.Unique, columns), indexes[key], 0);
        }

        foreach (var key in plan.ForeignKeys)
        {
            metadata.AddConstraint(
                metadata.Draw(), table, 0, ConstraintOf(key), key.OwnKey is { } own ? indexes[own] : key.Index!.Oid, key.Target?.Oid ?? table);
        }
    }

    public static ConstraintInfo ConstraintOf(ForeignKeyPlan key)
    {
        var reference = key.Constraint.References!;
        return new ConstraintInfo(0, key.Name, ConstraintType.ForeignKey, key.Numbers)
        {
            ReferencedColumns = key.TargetNumbers,
            OnUpdate = ActionOf(reference.OnUpdate),
            OnDelete = ActionOf(reference.OnDelete),
            Match = reference.Match == ReferentialMatch.Full ? 'f' : 's',
            Deferrable = key.Constraint.Deferrable,
            InitiallyDeferred = key.Constraint.InitiallyDeferred,
        };
    }

    private static char ActionOf(ReferentialAction action) => action switch
    {
        ReferentialAction.Restrict => 'r',
        ReferentialAction.Cascade => 'c',
        ReferentialAction.SetNull => 'n',
        ReferentialAction.SetDefault => 'd',
        _ => 'a',
    };

    private void RefuseOthers(CreateTableStatement statement)
    {
        if (statement.Server is not null)
        {
            throw definition.NotSupported("foreign tables are");
        }

        if (statement.Persistence == Persistence.Temporary || statement.Name.Parts is ["pg_temp", _])
        {
            throw definition.NotSupported("temporary tables are");
        }

        if (statement.Inherits.Count > 0)
        {
            throw definition.NotSupported("inheritance is");
        }

        if (statement.OfType is not null)
        {
            throw definition.NotSupported("tables of a type are");
        }

        if (statement.PartitionOf is not null || statement.PartitionBy is not null)
        {
            throw definition.NotSupported("partitioned tables are");
        }

        if (statement.OnCommit != OnCommit.Default)
        {
            throw definition.Error(SqlState.InvalidTableDefinition, "ON COMMIT can only be used on temporary tables");
        }

        if (statement.AccessMethod is not (null or "heap"))
        {
            throw definition.Error(SqlState.UndefinedObject, $"access method \"{statement.AccessMethod}\" does not exist");
        }

        StorageParameters.Check(definition, statement.Options, "table");
        StorageParameters.CheckTablespace(definition, statement.Tablespace);
    }
}
