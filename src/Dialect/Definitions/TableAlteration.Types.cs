using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Catalog.Deparsing;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Definitions;

/// <content>ALTER COLUMN TYPE.</content>
internal sealed partial class TableAlteration
{
    private readonly Dictionary<AlterTableCommand, TypePlan> _types = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<short> _altered = [];

    /// <param name="Value">The value of the column in rows that exist, over the table as it was.</param>
    private sealed record TypePlan(PgType Type, uint Collation, short Dimensions, BoundExpression Value);

    private void PrepareType(AlterTableCommand command)
    {
        var use = command.Value is { } written ? ExpressionBinder.BindStandalone(written, Table, ExpressionKind.AlterColumnTransform, definition.Bind) : null;
        Definition.WithoutPosition(() => PrepareType(command, use));
    }

    private void PrepareType(AlterTableCommand command, BoundExpression? use)
    {
        var column = ChangeableColumn(command.Name!);
        if (column.Generated && command.Value is not null)
        {
            throw definition.Error(
                SqlState.InvalidColumnDefinition, "cannot specify USING when altering type of generated column",
                detail: $"Column \"{column.Name}\" is a generated column.");
        }

        var type = definition.Resolver.Type(command.Type!);
        new TableAnalysis(definition, TablePlan.Of(Table, definition.Schema.FindSchema(Table.Schema)!)).CheckType(column.Name, type, command.Type!);
        var collation = definition.CollationOf(type.Oid);
        if (command.Collation is { } written)
        {
            var named = definition.Resolver.Collation(written, command.Location);
            collation = collation != 0 ? named : throw definition.Error(
                SqlState.DatatypeMismatch, $"collations are not supported by type {definition.Names.TypeName(type.Oid)}");
        }

        var value = use ?? new Var(1, column.Number, 0, column.Type, column.Collation, Location.None);
        value = definition.Resolver.Coerce(value, type, CoercionContext.Assignment, CallForm.ImplicitCast, Location.None) ?? throw NoCast(
            column, type, command.Value is not null);
        _types[command] = new TypePlan(type, collation, (short)command.Type!.ArrayBounds.Count, value);
    }

    private DialectException NoCast(Catalog.Attribute column, PgType type, bool use)
    {
        var name = definition.Names.TypeName(type.Oid);
        return use
            ? definition.Error(
                SqlState.DatatypeMismatch, $"result of USING clause for column \"{column.Name}\" cannot be cast automatically to type {name}",
                hint: "You might need to add an explicit cast.")
            : definition.Error(
                SqlState.DatatypeMismatch, $"column \"{column.Name}\" cannot be cast automatically to type {name}",
                hint: column.Generated ? null : $"You might need to specify \"USING {Identifiers.Quote(column.Name)}::{definition.Names.TypeName(type.Oid, type.Modifier)}\".");
    }

    private void AlterType(AlterTableCommand command)
    {
        var plan = _types[command];
        var column = Column(command.Name!);
        if (!_altered.Add(column.Number))
        {
            throw definition.Error(SqlState.FeatureNotSupported, $"cannot alter type of column \"{column.Name}\" twice");
        }

        if (plan.Type == column.Type && plan.Collation == column.Collation && command.Value is null)
        {
            _altered.Remove(column.Number);
            return;
        }

        RequireNoUse(column);
        if (column.Identity != IdentityKind.None)
        {
            AlterSequenceType(column, plan.Type);
        }

        var changed = column with { Type = plan.Type, Collation = plan.Collation, Dimensions = plan.Dimensions };
        changed = changed with { Default = DefaultOf(column, plan.Type), DefaultOid = column.Default is null ? 0 : definition.Fresh() };
        if (column.Generated)
        {
            _change.Copy();
        }
        else
        {
            _change.SetValue(column.Number, plan.Value);
        }

        _change.SetColumn(changed);
        if (column.NotNull)
        {
            _change.CheckNotNull(column.Number);
        }
    }

    private void AlterSequenceType(Catalog.Attribute column, PgType type)
    {
        var name = type.Oid switch
        {
            PgTypes.Int2 => "smallint",
            PgTypes.Int4 => "integer",
            PgTypes.Int8 => "bigint",
            _ => throw definition.Error(SqlState.InvalidParameterValue, "identity column type must be smallint, integer, or bigint"),
        };
        definition.Call("_rqlite_alter_sequence", TableSql.Literal(column.OwnedSequence!), "0", "'type'", $"'{name}'");
    }

    /// <summary>Views and generated columns hold the type of the columns that they use.</summary>
    private void RequireNoUse(Catalog.Attribute column)
    {
        var snapshot = (SchemaSnapshot)definition.Schema;
        var own = new ObjectAddress(ClassOids.PgClass, Table.Oid, column.Number);
        foreach (var use in PgDepend.Of(snapshot).Where(dependency => dependency.Referenced == own && !definition.Dropped.Contains(dependency.Object)))
        {
            if (use.Object.Class == ClassOids.PgRewrite)
            {
                var rule = new ObjectDescriptions(snapshot, definition.Names).Describe(use.Object);
                throw definition.Error(
                    SqlState.FeatureNotSupported, "cannot alter type of a column used by a view or rule",
                    detail: $"{rule} depends on column \"{column.Name}\"");
            }

            // A column that this statement has altered has a new default, while what the former one depends on still stands.
            if (use.Object.Class == ClassOids.PgAttrDef && _change.Former.Attributes.FirstOrDefault(c => c.DefaultOid == use.Object.Object) is { } other
                && other.Number != column.Number && Table.Attributes[other.Number - 1].Generated)
            {
                throw definition.Error(
                    SqlState.FeatureNotSupported, "cannot alter type of a column used by a generated column",
                    detail: $"Column \"{column.Name}\" is used by generated column \"{other.Name}\".");
            }
        }
    }

    private string? DefaultOf(Catalog.Attribute column, PgType type)
    {
        if (column.Default is not { } text)
        {
            return null;
        }

        // The text is without the conversion to the former type.
        var relation = column.Generated ? Table : null;
        var kind = column.Generated ? ExpressionKind.GeneratedColumn : ExpressionKind.ColumnDefault;
        var value = CatalogExpressions.Bind(text, relation, kind, definition.Schema);
        value = definition.Resolver.Coerce(value, type, CoercionContext.Assignment, CallForm.ImplicitCast, Location.None) ?? throw definition.Error(
            SqlState.DatatypeMismatch,
            $"{(column.Generated ? "generation expression" : "default")} for column \"{column.Name}\" cannot be cast automatically to type {definition.Names.TypeName(type.Oid)}");
        return Deparser.Expression(value, definition.Schema, Table);
    }

    /// <summary>Makes CHECKs, indexes and foreign keys of the altered columns anew from their texts.</summary>
    private void RebuildDependents()
    {
        if (_altered.Count == 0)
        {
            return;
        }

        var constraints = Table.Constraints.Select(constraint => constraint.Type == ConstraintType.Check && constraint.Columns.Any(_altered.Contains)
            ? constraint with { Expression = Again(constraint.Expression!, ExpressionKind.CheckConstraint) }
            : constraint).ToArray();
        var indexes = Table.Indexes.Select(Again).ToArray();
        var primary = indexes.FirstOrDefault(index => index.Primary);
        var rowId = primary is { KeyCount: 1 } && StoredColumns.IsInteger(Table.Attributes[primary.Columns[0] - 1].Type) ? primary.Columns[0] : (short)0;
        _change.Set(Table with { Constraints = constraints, Indexes = indexes, RowIdColumn = rowId });
        foreach (var constraint in constraints.Where(constraint => constraint.Type != ConstraintType.PrimaryKey
            && (constraint.Columns.Any(_altered.Contains) || RefersToAltered(constraint))))
        {
            if (constraint.Type == ConstraintType.ForeignKey)
            {
                RequireComparable(Table, constraint);
            }

            if (constraint.Validated)
            {
                _change.Check(constraint);
            }
        }

        foreach (var other in ((SchemaSnapshot)definition.Schema).Relations.Where(relation => relation.Oid != Table.Oid))
        {
            foreach (var key in other.Constraints.Where(RefersToAltered))
            {
                RequireComparable(other, key);
                if (key.Validated)
                {
                    _change.CheckReferencing(other, key);
                }
            }
        }
    }

    private bool RefersToAltered(ConstraintInfo key) => key.ReferencedOid == Table.Oid && key.ReferencedColumns.Any(_altered.Contains);

    private void RequireComparable(Relation table, ConstraintInfo key)
    {
        var target = definition.Schema.FindRelation(key.ReferencedOid)!;
        for (var i = 0; i < key.Columns.Count; i++)
        {
            ForeignKeyAnalysis.CheckTypes(
                definition, key.Name, table.Attributes[key.Columns[i] - 1], target.Attributes[key.ReferencedColumns[i] - 1], Location.None);
        }
    }

    private string Again(string text, ExpressionKind kind) =>
        Deparser.Expression(CatalogExpressions.Bind(text, Table, kind, definition.Schema), definition.Schema, Table);

    private IndexInfo Again(IndexInfo index)
    {
        var expressions = new List<string>();
        var attributes = index.Attributes.ToArray();
        for (var place = 0; place < index.Columns.Count; place++)
        {
            if (index.Columns[place] != 0)
            {
                var column = Table.Attributes[index.Columns[place] - 1];
                attributes[place] = attributes[place] with { Type = column.Type, Collation = column.Collation };
                if (place < index.KeyCount && _altered.Contains(column.Number) && Btree.DefaultOf(definition.Schema, column.Type.Oid) is null)
                {
                    throw IndexKeys.NoClass(definition, column.Type.Oid);
                }

                continue;
            }

            var value = CatalogExpressions.Bind(index.Expressions[expressions.Count], Table, ExpressionKind.IndexExpression, definition.Schema);
            expressions.Add(Deparser.Expression(value, definition.Schema, Table));
            attributes[place] = attributes[place] with { Type = value.Type, Collation = value.Collation };
        }

        var predicate = index.Predicate is { } text ? Again(text, ExpressionKind.IndexPredicate) : null;
        if (!expressions.SequenceEqual(index.Expressions) || predicate != index.Predicate)
        {
            _change.ChangeIndex(index.Oid);
        }

        return index with { Expressions = expressions, Predicate = predicate, Attributes = attributes };
    }
}
