/** With the broker that `MQTT_URL` names, such as Mosquitto. */
import '../flows/skab-mqtt.test';
