using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Definitions;

/// <content>The constraints of columns and tables.</content>
internal sealed partial class TableAnalysis
{
    private void AddColumnConstraints(ColumnPlan column, NodeList<TableConstraint> constraints, bool serial)
    {
        var name = column.Attribute.Name;
        foreach (var constraint in ConstraintAttributes.Apply(definition, constraints))
        {
            switch (constraint.Kind)
            {
                case ConstraintKind.Null:
                    column.SaidNull = !column.SaidNotNull && !serial ? true : throw Conflicting(name, constraint);
                    break;
                case ConstraintKind.NotNull:
                    column.SaidNotNull = !column.SaidNull ? true : throw Conflicting(name, constraint);
                    column.Attribute = column.Attribute with { NotNull = true };
                    break;
                case ConstraintKind.Default:
                    column.Written = column.Written is null && !serial && column.Sequence is null ? constraint.Value : throw definition.Error(
                        SqlState.SyntaxError,
                        column.Attribute.Generated ? $"both default and generation expression specified for column \"{name}\" of table \"{plan.Name}\""
                            : column.Attribute.Identity != IdentityKind.None
                                ? $"both default and identity specified for column \"{name}\" of table \"{plan.Name}\""
                                : $"multiple default values specified for column \"{name}\" of table \"{plan.Name}\"",
                        serial ? Location.None : constraint.Location);
                    break;
                case ConstraintKind.Identity:
                    AddIdentity(column, constraint, serial);
                    break;
                case ConstraintKind.Generated:
                    AddGenerated(column, constraint, serial);
                    break;
                case ConstraintKind.Check:
                    _checks.Add(constraint);
                    break;
                case ConstraintKind.PrimaryKey or ConstraintKind.Unique:
                    _keys.Add((constraint, [name]));
                    break;
                case ConstraintKind.ForeignKey:
                    plan.ForeignKeys.Add(new ForeignKeyPlan(constraint, [name]));
                    break;
                default:
                    throw definition.NotSupported("exclusion constraints are", constraint.Location);
            }
        }
    }

    private DialectException Conflicting(string column, TableConstraint constraint) => definition.Error(
        SqlState.SyntaxError, $"conflicting NULL/NOT NULL declarations for column \"{column}\" of table \"{plan.Name}\"", constraint.Location);

    private void AddIdentity(ColumnPlan column, TableConstraint constraint, bool serial)
    {
        var name = column.Attribute.Name;
        if (column.Attribute.Identity != IdentityKind.None)
        {
            throw definition.Error(
                SqlState.SyntaxError, $"multiple identity specifications for column \"{name}\" of table \"{plan.Name}\"", constraint.Location);
        }

        if (column.Written is not null || serial)
        {
            throw definition.Error(
                SqlState.SyntaxError,
                column.Attribute.Generated ? $"both identity and generation expression specified for column \"{name}\" of table \"{plan.Name}\""
                    : $"both default and identity specified for column \"{name}\" of table \"{plan.Name}\"",
                constraint.Location);
        }

        if (column.SaidNull)
        {
            throw Conflicting(name, constraint);
        }

        if (!StoredColumns.IsInteger(column.Attribute.Type))
        {
            throw definition.Error(SqlState.InvalidParameterValue, "identity column type must be smallint, integer, or bigint");
        }

        column.Sequence = SequenceOf(column, column.Attribute.Type, constraint.Sequence);
        column.Attribute = column.Attribute with
        {
            NotNull = true,
            Identity = constraint.Always ? IdentityKind.Always : IdentityKind.ByDefault,
            OwnedSequence = column.Sequence.SqliteName,
        };
    }

    private void AddGenerated(ColumnPlan column, TableConstraint constraint, bool serial)
    {
        var name = column.Attribute.Name;
        if (column.Attribute.Generated)
        {
            throw definition.Error(
                SqlState.SyntaxError, $"multiple generation clauses specified for column \"{name}\" of table \"{plan.Name}\"", constraint.Location);
        }

        if (column.Written is not null || serial || column.Sequence is not null)
        {
            throw definition.Error(
                SqlState.SyntaxError,
                column.Attribute.Identity != IdentityKind.None
                    ? $"both identity and generation expression specified for column \"{name}\" of table \"{plan.Name}\""
                    : $"both default and generation expression specified for column \"{name}\" of table \"{plan.Name}\"",
                constraint.Location);
        }

        column.Written = constraint.Value;
        column.Attribute = column.Attribute with { Generated = true };
    }

    private void AddTableConstraint(TableConstraint constraint)
    {
        switch (constraint.Kind)
        {
            case ConstraintKind.Check:
                _checks.Add(constraint);
                break;
            case ConstraintKind.PrimaryKey or ConstraintKind.Unique:
                _keys.Add((constraint, constraint.Columns));
                break;
            case ConstraintKind.ForeignKey:
                plan.ForeignKeys.Add(new ForeignKeyPlan(constraint, constraint.Columns));
                break;
            default:
                throw definition.NotSupported("exclusion constraints are", constraint.Location);
        }
    }

    private void AddKey(TableConstraint constraint, NodeList<string> columns)
    {
        var primary = constraint.Kind == ConstraintKind.PrimaryKey;
        if (primary && (plan.Keys.Exists(key => key.Primary) || plan.Existing?.Indexes.Any(index => index.Primary) == true))
        {
            throw definition.Error(
                SqlState.InvalidTableDefinition, $"multiple primary keys for table \"{plan.Name}\" are not allowed",
                plan.Existing is null ? constraint.Location : Location.None);
        }

        if (constraint.Deferrable)
        {
            throw definition.NotSupported("deferrable unique constraints are", constraint.Location);
        }

        if (constraint.NullsNotDistinct)
        {
            throw definition.NotSupported("NULLS NOT DISTINCT is", constraint.Location);
        }

        if (constraint.Index is not null)
        {
            throw plan.Existing is not null
                ? definition.NotSupported("ADD CONSTRAINT USING INDEX is", constraint.Location)
                : definition.Error(SqlState.SyntaxError, "constraints USING INDEX are for ALTER TABLE", constraint.Location);
        }

        StorageParameters.Check(definition, constraint.Options, "index");
        StorageParameters.CheckTablespace(definition, constraint.Tablespace);
        var key = new KeyPlan(
            primary, constraint.Name, [.. columns.Select(column => KeyColumn(column, columns, constraint, primary))],
            [.. constraint.Include.Select(column => KeyColumn(column, constraint.Include, constraint, primary: false))]);

        // UNIQUE PRIMARY KEY and the like are one constraint.
        var same = plan.Keys.FindIndex(other => other.Columns.SequenceEqual(key.Columns) && other.Include.SequenceEqual(key.Include));
        if (same < 0)
        {
            plan.Keys.Insert(primary ? 0 : plan.Keys.Count, key);
        }
        else
        {
            var former = plan.Keys[same];
            plan.Keys[same] = former with { Primary = former.Primary || primary, Written = former.Written ?? key.Written };
        }
    }

    /// <param name="primary">The column is a key of the primary key.</param>
    private ColumnPlan KeyColumn(string name, NodeList<string> all, TableConstraint constraint, bool primary)
    {
        var column = plan.Find(name) ?? throw (primary && plan.Existing is not null
            ? definition.Error(SqlState.UndefinedColumn, $"column \"{name}\" of relation \"{plan.Name}\" does not exist")
            : definition.Error(SqlState.UndefinedColumn, $"column \"{name}\" named in key does not exist", plan.Existing is null ? constraint.Location : Location.None));
        if (all.Count(other => other == name) > 1)
        {
            var kind = constraint.Kind == ConstraintKind.PrimaryKey ? "primary key" : "unique";
            throw definition.Error(SqlState.DuplicateColumn, $"column \"{name}\" appears twice in {kind} constraint", constraint.Location);
        }

        if (primary)
        {
            column.Attribute = column.Attribute with { NotNull = !column.SaidNull ? true : throw Conflicting(name, constraint) };
        }

        RequireOrder(column);
        return column;
    }

    private void RequireOrder(ColumnPlan column)
    {
        if (Btree.DefaultOf(definition.Schema, column.Attribute.Type.Oid) is null)
        {
            throw IndexKeys.NoClass(definition, column.Attribute.Type.Oid);
        }
    }
}
