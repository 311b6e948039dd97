-- The outbox of the endpoint: each change of an order leaves an event in the same transaction. Run it after shop.sql; it can be run again.

-- In a schema of its own: the tables of `public` are followed.
CREATE SCHEMA IF NOT EXISTS events;

CREATE TABLE IF NOT EXISTS events.outbox (
  position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
  model text NOT NULL,
  entity_id text NOT NULL,
  type text NOT NULL,
  data jsonb,
  occurred_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE OR REPLACE FUNCTION events.record_order_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- Until the commit, so that positions are given in the order of the commits: a reader that has seen one has seen all before it.
  PERFORM pg_advisory_xact_lock(hashtext('outbox'));
  INSERT INTO events.outbox (model, entity_id, type, data)
  VALUES (
    'order',
    coalesce(NEW.id, OLD.id),
    CASE TG_OP WHEN 'INSERT' THEN 'CREATE' ELSE TG_OP END,
    CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END
  );
  RETURN NULL;
END
$$;

CREATE OR REPLACE TRIGGER orders_outbox AFTER INSERT OR UPDATE OR DELETE ON orders
  FOR EACH ROW EXECUTE FUNCTION events.record_order_event();
