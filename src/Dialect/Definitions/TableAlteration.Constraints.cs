using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;
using Attribute = Rqlite.Pg.Dialect.Catalog.Attribute;

namespace Rqlite.Pg.Dialect.Definitions;

/// <content>Constraints, and what a new column brings along.</content>
internal sealed partial class TableAlteration
{
    /// <summary>Adds a column or a constraint.</summary>
    private void AddElement(TableElement element)
    {
        var before = Table;
        var plan = TablePlan.Of(before, definition.Schema.FindSchema(before.Schema)!);
        new TableAnalysis(definition, plan).Run([element]);
        foreach (var column in plan.Columns.Skip(before.Attributes.Count))
        {
            AddValue(column, plan);
        }

        var indexes = plan.Keys.ToDictionary(key => key, key => IndexOf(key, plan));
        var constraints = plan.Checks.Select(check => new ConstraintInfo(definition.Fresh(), check.Name, ConstraintType.Check, check.Columns)
        {
            Expression = check.Text,
            Validated = !check.NotValid,
        }).ToList();
        constraints.AddRange(plan.Keys.Select(key => new ConstraintInfo(
            definition.Fresh(), key.Name, key.Primary ? ConstraintType.PrimaryKey : ConstraintType.Unique,
            [.. key.Columns.Select(column => column.Attribute.Number)])
        {
            IndexOid = indexes[key].Oid,
        }));
        constraints.AddRange(plan.ForeignKeys.Select(key => TableCreation.ConstraintOf(key) with
        {
            Oid = definition.Fresh(),
            Validated = !key.Constraint.NotValid,
            IndexOid = key.OwnKey is { } own ? indexes[own].Oid : key.Index!.Oid,
            ReferencedOid = key.Target?.Oid ?? before.Oid,
        }));
        _change.Set(before with
        {
            Attributes = [.. plan.Columns.Select(column => column.Attribute)],
            Indexes = [.. before.Indexes, .. indexes.Values],
            Constraints = [.. before.Constraints, .. constraints],
            RowIdColumn = plan.RowId?.Attribute.Number ?? before.RowIdColumn,
        });
        foreach (var constraint in constraints.Where(constraint => constraint.Validated))
        {
            _change.Check(constraint);
        }

        foreach (var column in Table.Attributes.Where(column => column.NotNull && before.Attributes.ElementAtOrDefault(column.Number - 1) is not { NotNull: true }))
        {
            if (!_change.IsDrawn(column.Number))
            {
                _change.CheckNotNull(column.Number);
            }
        }
    }

    /// <summary>The sequence and the value in rows that exist of a new column.</summary>
    private void AddValue(ColumnPlan column, TablePlan plan)
    {
        if (column.Sequence is { } sequence)
        {
            SequenceSteps.Create(definition, plan.Schema, sequence, plan.Persistence);
            _change.Draw(column.Attribute.Number, sequence.SqliteName);
        }

        var attribute = column.Attribute;
        if (attribute.Default is not null)
        {
            column.Attribute = attribute = attribute with { DefaultOid = definition.Fresh() };
        }

        _change.Copy();
        if (column.Value is { } value && !attribute.Generated)
        {
            _change.SetValue(attribute.Number, value);
        }
        else if (column.Sequence is null && !attribute.Generated && definition.Schema.FindType(attribute.Type.Oid) is { Kind: 'd' } domain)
        {
            // The domain has a say in the null, and may have a default of its own.
            _change.SetValue(attribute.Number, CatalogExpressions.BindDefault(domain.Default ?? "NULL", attribute, null, definition.Schema));
        }
    }

    private IndexInfo IndexOf(KeyPlan key, TablePlan plan)
    {
        var columns = key.Columns.Concat(key.Include).ToArray();
        return new IndexInfo(definition.Fresh(), key.Name, true, key.Primary, [.. columns.Select(column => column.Attribute.Number)])
        {
            KeyCount = key.Columns.Count,
            Options = new short[key.Columns.Count],
            SqliteName = key.Primary ? "" : definition.SqliteName(plan.Schema, key.Name),
            Attributes =
            [
                .. columns.Select((column, place) => new Attribute((short)(place + 1), column.Attribute.Name, column.Attribute.Type, column.Attribute.Collation)),
            ],
        };
    }

    private ConstraintInfo Constraint(string name) => Table.Constraints.FirstOrDefault(constraint => constraint.Name == name)
        ?? throw definition.Error(SqlState.UndefinedObject, $"constraint \"{name}\" of relation \"{Table.Name}\" does not exist");

    private void DropConstraint(AlterTableCommand command)
    {
        if (command.IfExists && Table.Constraints.All(constraint => constraint.Name != command.Name))
        {
            definition.Notify("00000", $"constraint \"{command.Name}\" of relation \"{Table.Name}\" does not exist, skipping");
            return;
        }

        Drop(new ObjectAddress(ClassOids.PgConstraint, Constraint(command.Name!).Oid, 0), command.Behavior);
    }

    private void Validate(string name)
    {
        var constraint = Constraint(name);
        if (constraint.Type is not (ConstraintType.Check or ConstraintType.ForeignKey))
        {
            throw definition.Error(
                SqlState.WrongObjectType, $"constraint \"{name}\" of relation \"{Table.Name}\" is not a foreign key or check constraint");
        }

        if (!constraint.Validated)
        {
            Replace(constraint with { Validated = true });
            _change.Check(constraint);
        }
    }

    private void AlterConstraint(AlterTableCommand command)
    {
        var constraint = Constraint(command.Name!);
        if (constraint.Type != ConstraintType.ForeignKey)
        {
            throw definition.Error(
                SqlState.WrongObjectType, $"constraint \"{command.Name}\" of relation \"{Table.Name}\" is not a foreign key constraint");
        }

        Replace(constraint with { Deferrable = command.Constraint!.Deferrable, InitiallyDeferred = command.Constraint.InitiallyDeferred });
    }

    private void Replace(ConstraintInfo changed) => _change.Set(Table with
    {
        Constraints = [.. Table.Constraints.Select(constraint => constraint.Oid == changed.Oid ? changed : constraint)],
    });
}
