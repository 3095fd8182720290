namespace Rqlite.Pg.Dialect.Syntax;

public sealed partial class Writer
{
    private bool WriteDefinition(Statement statement)
    {
        switch (statement)
        {
            case CreateTableStatement t:
                WriteCreateTable(t);
                return true;
            case CreateTableAsStatement t:
                WriteCreateTableAs(t);
                return true;
            case CreateViewStatement v:
                WriteCreateView(v);
                return true;
            case CreateIndexStatement i:
                WriteCreateIndex(i);
                return true;
            case CreateSequenceStatement s:
                Add("CREATE");
                WritePersistence(s.Persistence);
                Add("SEQUENCE");
                AddIf(s.IfNotExists, "IF NOT EXISTS");
                WriteName(s.Name.Parts);
                WriteSequenceOptions(s.Options);
                return true;
            case AlterSequenceStatement s:
                Add("ALTER SEQUENCE");
                AddIf(s.IfExists, "IF EXISTS");
                WriteName(s.Name.Parts);
                WriteSequenceOptions(s.Options);
                return true;
            case CreateSchemaStatement s:
                WriteCreateSchema(s);
                return true;
            case CreateDomainStatement d:
                Add("CREATE DOMAIN");
                WriteName(d.Name.Parts);
                Add("AS");
                WriteType(d.Type);
                WriteCollation(d.Collation);
                foreach (var constraint in d.Constraints)
                {
                    WriteColumnConstraint(constraint);
                }

                return true;
            case CreateEnumStatement e:
                WriteCreateType(e.Name, "AS ENUM");
                WriteParenthesized(e.Labels, AddLiteral);
                return true;
            case AlterEnumStatement e:
                WriteAlterEnum(e);
                return true;
            case CreateCompositeTypeStatement t:
                WriteCreateType(t.Name, "AS");
                WriteParenthesized(t.Attributes, WriteColumnDefinition);
                return true;
            case CreateRangeTypeStatement t:
                WriteCreateType(t.Name, "AS RANGE");
                WriteReloptions(t.Options);
                return true;
            case CreateObjectStatement o:
                WriteCreateObject(o);
                return true;
            case CreateExtensionStatement e:
                Add("CREATE EXTENSION");
                AddIf(e.IfNotExists, "IF NOT EXISTS");
                AddName(e.Name);
                WriteExtensionOptions(e.Options);
                return true;
            case AlterExtensionStatement e:
                Add("ALTER EXTENSION");
                AddName(e.Name);
                Add("UPDATE");
                foreach (var option in e.Options)
                {
                    Add("TO");
                    WriteOptionValue(option.Value);
                }

                return true;
            case AlterExtensionContentsStatement e:
                Add("ALTER EXTENSION");
                AddName(e.Name);
                Add(e.Add ? "ADD" : "DROP");
                Add(WordsOf(e.Kind));
                WriteObject(e.Kind, e.Object);
                return true;
            default:
                return WriteRoutineStatement(statement);
        }
    }

    private void WriteCreateTableAs(CreateTableAsStatement table)
    {
        Add("CREATE");
        WritePersistence(table.Persistence);
        Add(table.MaterializedView ? "MATERIALIZED VIEW" : "TABLE");
        AddIf(table.IfNotExists, "IF NOT EXISTS");
        WriteName(table.Name.Parts);
        WriteColumns(table.Columns);
        WriteStorage(table.AccessMethod, table.Options, table.OnCommit, table.Tablespace);
        Add("AS");
        WriteStatement(table.Source);
        AddIf(table.WithNoData, "WITH NO DATA");
    }

    private void WriteCreateView(CreateViewStatement view)
    {
        Add(view.OrReplace ? "CREATE OR REPLACE" : "CREATE");
        WritePersistence(view.Persistence);
        Add(view.Recursive ? "RECURSIVE VIEW" : "VIEW");
        WriteName(view.Name.Parts);
        WriteColumns(view.Columns);
        if (view.Options.Count > 0)
        {
            Add("WITH");
            WriteReloptions(view.Options);
        }

        Add("AS");
        WriteQuery(view.Query);
        AddIf(view.Check == ViewCheck.Local, "WITH LOCAL CHECK OPTION");
        AddIf(view.Check == ViewCheck.Cascaded, "WITH CASCADED CHECK OPTION");
    }

    private void WriteCreateIndex(CreateIndexStatement index)
    {
        Add(index.Unique ? "CREATE UNIQUE INDEX" : "CREATE INDEX");
        AddIf(index.Concurrently, "CONCURRENTLY");
        AddIf(index.IfNotExists, "IF NOT EXISTS");
        if (index.Name is { } name)
        {
            AddName(name);
        }

        Add("ON");
        WriteRelation(index.Table);
        WriteWord("USING", index.AccessMethod);
        WriteParenthesized(index.Elements, WriteIndexElement);
        if (index.Include.Count > 0)
        {
            Add("INCLUDE");
            WriteParenthesized(index.Include, WriteIndexElement);
        }

        AddIf(index.NullsNotDistinct, "NULLS NOT DISTINCT");
        if (index.Options.Count > 0)
        {
            Add("WITH");
            WriteReloptions(index.Options);
        }

        WriteWord("TABLESPACE", index.Tablespace);
        WriteWhere("WHERE", index.Where);
    }

    private void WriteSequenceOptions(NodeList<SequenceOption> options)
    {
        foreach (var option in options)
        {
            Add(option.Kind switch
            {
                SequenceOptionKind.As => "AS",
                SequenceOptionKind.Cache => "CACHE",
                SequenceOptionKind.Cycle => "CYCLE",
                SequenceOptionKind.NoCycle => "NO CYCLE",
                SequenceOptionKind.Increment => "INCREMENT BY",
                SequenceOptionKind.MaxValue => "MAXVALUE",
                SequenceOptionKind.MinValue => "MINVALUE",
                SequenceOptionKind.NoMaxValue => "NO MAXVALUE",
                SequenceOptionKind.NoMinValue => "NO MINVALUE",
                SequenceOptionKind.OwnedBy => "OWNED BY",
                SequenceOptionKind.SequenceName => "SEQUENCE NAME",
                SequenceOptionKind.Start => "START WITH",
                SequenceOptionKind.Restart => option.Value is null ? "RESTART" : "RESTART WITH",
                SequenceOptionKind.GeneratedAlways => "GENERATED ALWAYS",
                _ => "GENERATED BY DEFAULT",
            });
            if (option.Value is { } value)
            {
                Add(value);
            }

            if (option.Type is { } type)
            {
                WriteType(type);
            }

            if (option.Name is { } name)
            {
                WriteName(name);
            }
        }
    }

    private void WriteCreateSchema(CreateSchemaStatement schema)
    {
        Add("CREATE SCHEMA");
        AddIf(schema.IfNotExists, "IF NOT EXISTS");
        if (schema.Name is { } name)
        {
            AddName(name);
        }

        if (schema.Owner is { } owner)
        {
            Add("AUTHORIZATION");
            WriteRole(owner);
        }

        foreach (var element in schema.Elements)
        {
            WriteStatement(element);
        }
    }

    private void WriteCreateType(QualifiedName name, string words)
    {
        Add("CREATE TYPE");
        WriteName(name.Parts);
        Add(words);
    }

    private void WriteAlterEnum(AlterEnumStatement change)
    {
        Add("ALTER TYPE");
        WriteName(change.Name.Parts);
        if (change.Renamed is { } old)
        {
            Add("RENAME VALUE");
            AddLiteral(old);
            Add("TO");
            AddLiteral(change.Label);
            return;
        }

        Add("ADD VALUE");
        AddIf(change.IfNotExists, "IF NOT EXISTS");
        AddLiteral(change.Label);
        if (change.Neighbor is { } neighbor)
        {
            Add(change.After ? "AFTER" : "BEFORE");
            AddLiteral(neighbor);
        }
    }

    private void WriteCreateObject(CreateObjectStatement statement)
    {
        Add(statement.OrReplace ? "CREATE OR REPLACE" : "CREATE");
        Add(WordsOf(statement.Kind));
        AddIf(statement.IfNotExists, "IF NOT EXISTS");
        if (statement.Kind == ObjectKind.Aggregate && statement.Name.Arguments is not null)
        {
            WriteObject(statement.Kind, statement.Name);
        }
        else if (statement.Kind == ObjectKind.Operator)
        {
            WriteAnyOperator(statement.Name.Names);
        }
        else
        {
            WriteName(statement.Name.Names);
        }

        if (statement.From is { } from)
        {
            Add("FROM");
            WriteName(from);
        }
        else if (statement.Options is { } options)
        {
            WriteReloptions(options);
        }
    }

    private void WriteExtensionOptions(NodeList<Option> options)
    {
        foreach (var option in options)
        {
            var text = (option.Value as Constant)?.Text ?? "";
            Add(option.Name switch
            {
                "schema" => "SCHEMA " + Quote(text),
                "new_version" => "VERSION " + Literal(text),
                _ => "CASCADE",
            });
        }
    }
}
