namespace Rqlite.Pg.Dialect.Syntax;

public sealed partial class Writer
{
    private bool WriteMaintenance(Statement statement)
    {
        switch (statement)
        {
            case CopyStatement c:
                WriteCopy(c);
                return true;
            case LockStatement l:
                Add("LOCK TABLE");
                WriteList(l.Tables, WriteRelation);
                Add("IN " + l.Mode + " MODE");
                AddIf(l.NoWait, "NOWAIT");
                return true;
            case TruncateStatement t:
                Add("TRUNCATE TABLE");
                WriteList(t.Tables, WriteRelation);
                AddIf(t.RestartIdentity, "RESTART IDENTITY");
                WriteBehavior(t.Behavior);
                return true;
            case VacuumStatement v:
                Add(v.Analyze ? "ANALYZE" : "VACUUM");
                WriteUtilityOptions(v.Options);
                WriteList(v.Tables, target =>
                {
                    WriteRelation(target.Table);
                    WriteColumns(target.Columns);
                });
                return true;
            case ClusterStatement c:
                WriteCluster(c);
                return true;
            case ReindexStatement r:
                Add("REINDEX");
                WriteUtilityOptions(r.Options);
                Add(r.Kind.ToString().ToUpperInvariant());
                WriteName(r.Name.Parts);
                return true;
            case CheckpointStatement:
                Add("CHECKPOINT");
                return true;
            case LoadStatement l:
                Add("LOAD");
                AddLiteral(l.File);
                return true;
            case DoStatement d:
                Add("DO");
                foreach (var option in d.Options)
                {
                    AddIf(option.Name == "language", "LANGUAGE");
                    WriteOptionValue(option.Value);
                }

                return true;
            case CallStatement c:
                Add("CALL");
                WriteCall(c.Call);
                return true;
            case RefreshStatement r:
                Add("REFRESH MATERIALIZED VIEW");
                AddIf(r.Concurrently, "CONCURRENTLY");
                WriteName(r.View.Parts);
                AddIf(r.WithData == true, "WITH DATA");
                AddIf(r.WithData == false, "WITH NO DATA");
                return true;
            default:
                return false;
        }
    }

    private void WriteCluster(ClusterStatement cluster)
    {
        Add("CLUSTER");
        if (cluster.Table is not { } table)
        {
            AddIf(cluster.Options.Count > 0, "VERBOSE");
            return;
        }

        WriteUtilityOptions(cluster.Options);
        WriteName(table.Parts);
        if (cluster.Index is { } index)
        {
            Add("USING");
            AddName(index);
        }
    }

    private void WriteCopy(CopyStatement copy)
    {
        Add("COPY");
        if (copy.Table is { } table)
        {
            WriteName(table.Parts);
            WriteColumns(copy.Columns);
        }
        else
        {
            Open();
            WriteStatement(copy.Query!);
            Close();
        }

        Add(copy.From ? "FROM" : "TO");
        AddIf(copy.Program, "PROGRAM");
        Add(copy.File is { } file ? Literal(file) : copy.From ? "STDIN" : "STDOUT");

        // A flag without a value is Boolean in the old form only.
        if (copy.Options.Any(o => o.Value is Constant { Kind: ConstantKind.Boolean }))
        {
            foreach (var option in copy.Options)
            {
                WriteOldCopyOption(option);
            }
        }
        else if (copy.Options.Count > 0)
        {
            WriteParenthesized(copy.Options, option =>
            {
                AddName(option.Name);
                WriteOptionValue(option.Value);
            });
        }

        WriteWhere("WHERE", copy.Where);
    }

    private void WriteOldCopyOption(Option option)
    {
        switch (option.Name)
        {
            case "format":
                Add(((Constant)option.Value!).Text.ToUpperInvariant());
                return;
            case "freeze" or "header":
                Add(option.Name.ToUpperInvariant());
                return;
            case "force_quote" or "force_not_null" or "force_null":
                Add(option.Name.ToUpperInvariant().Replace('_', ' '));
                if (option.Value is ValueList list)
                {
                    WriteList(list.Items, item => AddName(((Constant)item).Text));
                    return;
                }

                break;
            default:
                Add(option.Name.ToUpperInvariant());
                break;
        }

        WriteOptionValue(option.Value);
    }
}
