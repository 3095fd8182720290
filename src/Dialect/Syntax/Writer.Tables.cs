using System.Globalization;

namespace Rqlite.Pg.Dialect.Syntax;

public sealed partial class Writer
{
    private void WritePersistence(Persistence persistence)
    {
        AddIf(persistence == Persistence.Temporary, "TEMPORARY");
        AddIf(persistence == Persistence.Unlogged, "UNLOGGED");
    }

    private void WriteCreateTable(CreateTableStatement table)
    {
        Add("CREATE");
        WritePersistence(table.Persistence);
        Add(table.Server is null ? "TABLE" : "FOREIGN TABLE");
        AddIf(table.IfNotExists, "IF NOT EXISTS");
        WriteName(table.Name.Parts);
        if (table.OfType is { } type)
        {
            Add("OF");
            WriteName(type);
        }

        if (table.PartitionOf is { } parent)
        {
            Add("PARTITION OF");
            WriteName(parent.Parts);
        }

        if (table.Elements.Count > 0 || (table.OfType is null && table.PartitionOf is null))
        {
            WriteParenthesized(table.Elements, WriteElement);
        }

        if (table.Inherits.Count > 0)
        {
            Add("INHERITS");
            WriteParenthesized(table.Inherits, n => WriteName(n.Parts));
        }

        if (table.Bound is { } bound)
        {
            WritePartitionBound(bound);
        }

        if (table.PartitionBy is { } partition)
        {
            Add("PARTITION BY");
            AddName(partition.Strategy);
            WriteParenthesized(partition.Elements, WriteIndexElement);
        }

        WriteStorage(table.AccessMethod, table.Options, table.OnCommit, table.Tablespace);
        if (table.Server is { } server)
        {
            Add("SERVER");
            AddName(server);
            WriteForeignOptions(table.ServerOptions);
        }
    }

    private void WriteStorage(string? method, NodeList<Option> options, OnCommit onCommit, string? tablespace)
    {
        WriteWord("USING", method);
        if (options.Count > 0)
        {
            Add("WITH");
            WriteReloptions(options);
        }

        AddIf(onCommit == OnCommit.Drop, "ON COMMIT DROP");
        AddIf(onCommit == OnCommit.DeleteRows, "ON COMMIT DELETE ROWS");
        AddIf(onCommit == OnCommit.PreserveRows, "ON COMMIT PRESERVE ROWS");
        WriteWord("TABLESPACE", tablespace);
    }

    private void WriteWord(string word, string? name)
    {
        if (name is not null)
        {
            Add(word);
            AddName(name);
        }
    }

    private void WriteReloptions(NodeList<Option> options) => WriteParenthesized(options, option =>
    {
        if (option.Namespace is { } space)
        {
            AddName(space);
            Attach(".");
        }

        AddName(option.Name);
        if (option.Value is { } value)
        {
            Add("=");
            WriteOptionValue(value);
        }
    });

    private void WriteForeignOptions(NodeList<Option> options)
    {
        if (options.Count == 0)
        {
            return;
        }

        Add("OPTIONS");
        WriteParenthesized(options, option =>
        {
            AddIf(option.Namespace is not null, option.Namespace ?? "");
            AddName(option.Name);
            WriteOptionValue(option.Value);
        });
    }

    private void WriteElement(TableElement element)
    {
        switch (element)
        {
            case ColumnDefinition column:
                WriteColumnDefinition(column);
                break;
            case LikeElement like:
                Add("LIKE");
                WriteName(like.Table.Parts);
                foreach (var option in like.Options)
                {
                    Add(option);
                }

                break;
            case TableConstraint constraint:
                WriteTableConstraint(constraint);
                break;
        }
    }

    private void WriteColumnDefinition(ColumnDefinition column)
    {
        AddName(column.Name);
        if (column.Type is { } type)
        {
            WriteType(type);
        }

        if (column.Compression is { } compression)
        {
            Add("COMPRESSION");
            Add(compression == "default" ? "DEFAULT" : Quote(compression));
        }

        WriteForeignOptions(column.ForeignOptions);
        WriteCollation(column.Collation);
        foreach (var constraint in column.Constraints)
        {
            WriteColumnConstraint(constraint);
        }
    }

    private void WriteCollation(NodeList<string>? collation)
    {
        if (collation is not null)
        {
            Add("COLLATE");
            WriteName(collation);
        }
    }

    private void WriteColumnConstraint(TableConstraint constraint)
    {
        WriteWord("CONSTRAINT", constraint.Name);
        switch (constraint.Kind)
        {
            case ConstraintKind.Null:
                Add("NULL");
                break;
            case ConstraintKind.NotNull:
                Add("NOT NULL");
                break;
            case ConstraintKind.Default:
                Add("DEFAULT");
                WriteRestricted(constraint.Value!);
                break;
            case ConstraintKind.Identity:
                WriteIdentity(constraint);
                break;
            case ConstraintKind.Generated:
                Add("GENERATED ALWAYS AS");
                WriteParenthesized(constraint.Value!);
                Add("STORED");
                break;
            case ConstraintKind.Deferrable:
                Add("DEFERRABLE");
                break;
            case ConstraintKind.NotDeferrable:
                Add("NOT DEFERRABLE");
                break;
            case ConstraintKind.InitiallyDeferred:
                Add("INITIALLY DEFERRED");
                break;
            case ConstraintKind.InitiallyImmediate:
                Add("INITIALLY IMMEDIATE");
                break;
            case ConstraintKind.ForeignKey:
                WriteReferences(constraint.References!);
                break;
            default:
                WriteConstraintBody(constraint);
                AddIf(constraint.NoInherit, "NO INHERIT");
                break;
        }
    }

    private void WriteIdentity(TableConstraint constraint)
    {
        Add(constraint.Always ? "GENERATED ALWAYS AS IDENTITY" : "GENERATED BY DEFAULT AS IDENTITY");
        if (constraint.Sequence.Count > 0)
        {
            Open();
            WriteSequenceOptions(constraint.Sequence);
            Close();
        }
    }

    private void WriteTableConstraint(TableConstraint constraint)
    {
        WriteWord("CONSTRAINT", constraint.Name);
        if (constraint.Kind == ConstraintKind.ForeignKey)
        {
            Add("FOREIGN KEY");
            WriteColumns(constraint.Columns);
            WriteReferences(constraint.References!);
        }
        else
        {
            WriteConstraintBody(constraint);
        }

        WriteConstraintAttributes(constraint);
    }

    private void WriteConstraintAttributes(TableConstraint constraint)
    {
        AddIf(constraint.Deferrable, "DEFERRABLE");
        AddIf(constraint.InitiallyDeferred, "INITIALLY DEFERRED");
        AddIf(constraint.NotValid, "NOT VALID");
        AddIf(constraint.NoInherit, "NO INHERIT");
    }

    private void WriteConstraintBody(TableConstraint constraint)
    {
        switch (constraint.Kind)
        {
            case ConstraintKind.Check:
                Add("CHECK");
                WriteParenthesized(constraint.Value!);
                return;
            case ConstraintKind.PrimaryKey:
                Add("PRIMARY KEY");
                break;
            case ConstraintKind.Unique:
                Add("UNIQUE");
                AddIf(constraint.NullsNotDistinct, "NULLS NOT DISTINCT");
                break;
            default:
                Add("EXCLUDE");
                WriteWord("USING", constraint.AccessMethod);
                WriteParenthesized(constraint.Exclusions, item =>
                {
                    WriteIndexElement(item.Element);
                    Add("WITH");
                    WriteOperator(item.Operator);
                });
                break;
        }

        WriteWord("USING INDEX", constraint.Index);
        WriteColumns(constraint.Columns);
        if (constraint.Include.Count > 0)
        {
            Add("INCLUDE");
            WriteColumns(constraint.Include);
        }

        if (constraint.Options.Count > 0)
        {
            Add("WITH");
            WriteReloptions(constraint.Options);
        }

        WriteWord("USING INDEX TABLESPACE", constraint.Tablespace);
        if (constraint.Where is { } where)
        {
            Add("WHERE");
            WriteParenthesized(where);
        }
    }

    private void WriteReferences(ForeignKeyReference reference)
    {
        Add("REFERENCES");
        WriteName(reference.Table.Parts);
        WriteColumns(reference.Columns);
        AddIf(reference.Match == ReferentialMatch.Full, "MATCH FULL");
        WriteAction("ON UPDATE", reference.OnUpdate);
        WriteAction("ON DELETE", reference.OnDelete);
        WriteColumns(reference.OnDeleteColumns);
    }

    private void WriteAction(string word, ReferentialAction action)
    {
        if (action != ReferentialAction.NoAction)
        {
            Add(word);
            Add(action switch
            {
                ReferentialAction.Restrict => "RESTRICT",
                ReferentialAction.Cascade => "CASCADE",
                ReferentialAction.SetNull => "SET NULL",
                _ => "SET DEFAULT",
            });
        }
    }

    private void WritePartitionBound(PartitionBound bound)
    {
        switch (bound.Kind)
        {
            case PartitionBoundKind.Default:
                Add("DEFAULT");
                break;
            case PartitionBoundKind.In:
                Add("FOR VALUES IN");
                WriteParenthesized(bound.Values, WriteExpression);
                break;
            case PartitionBoundKind.Range:
                Add("FOR VALUES FROM");
                WriteParenthesized(bound.Values, WriteExpression);
                Add("TO");
                WriteParenthesized(bound.To, WriteExpression);
                break;
            default:
                Add(string.Create(CultureInfo.InvariantCulture, $"FOR VALUES WITH (MODULUS {bound.Modulus}, REMAINDER {bound.Remainder})"));
                break;
        }
    }

    private void WriteIndexElement(IndexElement element)
    {
        if (element.Column is { } column)
        {
            AddName(column);
        }
        else if (element.Value is FunctionCall { Syntax: CallSyntax.Call, Filter: null, Over: null, WithinGroup: false } call)
        {
            WriteExpression(call);
        }
        else
        {
            WriteParenthesized(element.Value!);
        }

        WriteCollation(element.Collation);
        if (element.OperatorClass is { } operatorClass)
        {
            WriteName(operatorClass);
        }

        if (element.OperatorClassOptions.Count > 0)
        {
            WriteReloptions(element.OperatorClassOptions);
        }

        WriteDirection(element.Direction, element.Nulls);
    }
}
